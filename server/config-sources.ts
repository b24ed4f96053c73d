import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Config, ConfigError } from './config.ts';

/** Settings as somebody wrote them, unchecked: parseConfig checks all of them together. */
export type Settings = Record<string, unknown>;

/**
 * Settings of `<data>/hubtab.yaml`, and over them those of the environment.
 * @throws ConfigError when one of them cannot be read
 */
export function readSettings(
  dataDir: string,
  environment: NodeJS.ProcessEnv = process.env,
): Settings {
  return mergeSettings(mergeSettings(readConfigFile(dataDir), readEnvironment(environment)), {
    dataDir,
  });
}

/** The second over the first, group by group: `headscale.url` of one beside `headscale.listen` of the other. */
export function mergeSettings(below: Settings, above: Settings): Settings {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isGroup(value) && isGroup(under) ? mergeSettings(under, value) : value;
  }
  return merged;
}

function readConfigFile(dataDir: string): Settings {
  const path = join(dataDir, 'hubtab.yaml');
  if (!existsSync(path)) return {};
  try {
    const content: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    return z.record(z.string(), z.unknown()).parse(content);
  } catch (error) {
    // Without what the parser says: it quotes lines, and one may hold a password.
    const where = error instanceof Error && 'linePos' in error ? linePosition(error.linePos) : '';
    throw new ConfigError(`${path}${where}: expected a YAML mapping`);
  }
}

function linePosition(linePos: unknown): string {
  const parsed = z.array(z.object({ line: z.number() })).safeParse(linePos);
  return parsed.success && parsed.data[0] ? `:${parsed.data[0].line}` : '';
}

/** `HUBTAB_HEADSCALE_API_KEY_FILE` for `headscale.apiKeyFile`, and so on for every setting there is. */
function readEnvironment(environment: NodeJS.ProcessEnv): Settings {
  let settings: Settings = {};
  for (const { path, kind } of leaves(Config, [])) {
    const name = `HUBTAB_${path.map(snakeCase).join('_')}`;
    const text = environment[name];
    // Compose files and unit files leave variables empty that are not meant.
    if (text === undefined || text === '') continue;
    const value = path.reduceRight<unknown>(
      (inner, key) => ({ [key]: inner }),
      read(text, kind, name),
    );
    settings = mergeSettings(settings, value as Settings); // the outermost is an object
  }
  return settings;
}

type LeafKind = 'boolean' | 'number' | 'array' | 'string';

function leaves(schema: z.core.$ZodType, path: string[]): { path: string[]; kind: LeafKind }[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, value]) => leaves(value, [...path, key]));
  }
  if (inner instanceof z.ZodBoolean) return [{ path, kind: 'boolean' }];
  if (inner instanceof z.ZodNumber) return [{ path, kind: 'number' }];
  return [{ path, kind: inner instanceof z.ZodArray ? 'array' : 'string' }];
}

/** Without defaults and the like around it. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.def.in) : schema;
}

function read(text: string, kind: LeafKind, name: string): unknown {
  if (kind === 'string') return text;
  if (kind === 'array') return text.split(',').map((item) => item.trim());
  if (kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  if (kind === 'number' && /^\d+$/.test(text)) return Number(text);
  throw new ConfigError(`${name}: expected ${kind === 'boolean' ? 'true or false' : 'a number'}`);
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
}

function isGroup(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
