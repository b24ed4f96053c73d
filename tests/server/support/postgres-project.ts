import type { TestProject } from 'vitest/node';
import { PostgresServer } from './postgres.ts';

/** Global set-up of the vitest project `postgres`: one server for all files, a database for each test. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await PostgresServer.start();
  project.provide('postgresUrl', server.url('postgres'));
  return () => server.stop();
}
