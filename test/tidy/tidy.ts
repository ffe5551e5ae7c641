// Lint as a check of our own: imports point one way, and files stay small. `npm run check` runs it, and a test does.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** For each layer of src/ the others that it may import; what is not listed is forbidden. `actors` alone imports nothing. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  actors: [],
  generated: [],
  runtime: ['actors'],
  persistence: ['api', 'runtime', 'actors'],
  telemetry: [],
  events: ['runtime', 'actors'],
  messaging: ['api', 'events'],
  outbox: ['messaging', 'events', 'persistence', 'runtime', 'actors'],
  notifications: ['api', 'effects', 'events', 'generated', 'persistence', 'runtime', 'actors'],
  api: ['payments', 'runtime', 'actors', 'generated'],
  payments: ['actors'],
  effects: ['api', 'events', 'payments', 'runtime', 'actors', 'generated'],
  grpc: ['api', 'runtime', 'actors', 'generated'],
  http: ['api', 'runtime', 'actors', 'generated'],
  service: [
    'api',
    'effects',
    'payments',
    'grpc',
    'http',
    'events',
    'messaging',
    'outbox',
    'notifications',
    'persistence',
    'runtime',
    'telemetry',
    'actors',
  ],
  cli: [
    'service',
    'events',
    'messaging',
    'outbox',
    'persistence',
    'runtime',
    'telemetry',
    'actors',
    'generated',
  ],
  simulation: ['runtime', 'actors'],
};

/** The runtime knows nothing of stock: of the actors it sees only what a behaviour is, and how failures are told. */
const runtimeMayImport = ['src/actors/behaviour.ts', 'src/actors/failure.ts'];

/** Persistence implements what the API asks of it, and knows nothing else of the API. */
const persistenceMayImport = [
  'src/api/logistics/deps.ts',
  'src/api/logistics/vault.ts',
  'src/api/notifications/deps.ts',
];

const linesMax = 400;

export function findUntidy(): string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .map((file) => join('src', file));
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [
      ...importsOf(file, text).flatMap((imported) => judgeImport(file, imported)),
      ...judgeLength(file, text),
    ];
  });
}

function importsOf(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  return specifiers.map((specifier) => relative(root, resolve(root, dirname(file), specifier)));
}

function judgeImport(file: string, imported: string): string[] {
  const from = layerOf(file);
  const to = layerOf(imported);
  if (from === to) return [];
  if (!(mayImport[from] ?? []).includes(to)) return [`${file}: ${from} must not import ${to} (${imported})`];
  if (from === 'runtime' && to === 'actors' && !runtimeMayImport.includes(imported)) {
    return [`${file}: the runtime knows nothing of stock, and must not import ${imported}`];
  }
  if (from === 'persistence' && to === 'api' && !persistenceMayImport.includes(imported)) {
    return [`${file}: persistence implements what the API asks for, and must not import ${imported}`];
  }
  return [];
}

function layerOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function judgeLength(file: string, text: string): string[] {
  const lines = text.split('\n').length;
  return lines > linesMax
    ? [`${file}: ${lines} lines, and ${linesMax} are the most: does it do two things?`]
    : [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const untidy = findUntidy();
  for (const line of untidy) process.stderr.write(`${line}\n`);
  process.exitCode = untidy.length === 0 ? 0 : 1;
}
