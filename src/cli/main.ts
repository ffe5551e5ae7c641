// The command line: finds the command and runs it.

interface Command {
  readonly summary: string;
  readonly help: string;
  /** @returns the exit code */
  run(argv: string[]): Promise<number>;
}

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: () => import('./serve.ts'),
  migrate: () => import('./migrate.ts'),
  import: () => import('./import.ts'),
  replay: () => import('./replay.ts'),
  demo: () => import('./demo.ts'),
  audit: () => import('./audit.ts'),
  publisher: () => import('./publisher.ts'),
  'dead-letters': () => import('./dead-letters.ts'),
};

async function usage(): Promise<string> {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const lines = await Promise.all(
    names.map(async (name) => `  ${name.padEnd(width)}  ${(await commands[name]?.())?.summary}`),
  );
  return `synkro: inventory and logistics for shops; every SKU an actor, every reservation durable, nothing oversold

Usage: synkro COMMAND [options]

${lines.join('\n')}

synkro COMMAND --help tells more.
`;
}

async function main([name, ...argv]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await usage());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    process.stderr.write(`synkro: there is no command ${JSON.stringify(name)}; synkro --help lists them\n`);
    return 2;
  }
  return (await load()).run(argv);
}

// Who reads may have seen enough, as `head` has. What was begun goes on to its end all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (Reflect.get(error, 'code') !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
