/** Reads a folder of migrations from disk. Knows nothing of databases. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigrationError } from './migration-errors.ts';

export interface MigrationFile {
  readonly version: number;
  /** The file's name. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly checksum: string;
}

/** In order of their versions. Throws MIGRATION_FILE_NAME for a .sql file without a version, or one taken already. */
export function readMigrationFiles(folder: string): MigrationFile[] {
  if (!existsSync(folder)) return [];
  const files: MigrationFile[] = [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  for (const name of names.sort()) {
    const file = readMigrationFile(folder, name);
    const last = files.at(-1);
    if (last?.version === file.version) {
      throw new MigrationError('MIGRATION_FILE_NAME', `${last.name} and ${name} have the same version`);
    }
    files.push(file);
  }
  return files;
}

function readMigrationFile(folder: string, name: string): MigrationFile {
  const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
  if (version === undefined) {
    throw new MigrationError(
      'MIGRATION_FILE_NAME',
      `${join(folder, name)}: a migration is named NNNN_name.sql`,
    );
  }
  // A checkout on Windows may have other line ends; that is no change.
  const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
  return { version: Number(version), name, text, checksum: createHash('sha256').update(text).digest('hex') };
}
