/** The package has no types; this is what the tests use. */
declare module 'oidc-provider' {
  import type { Server } from 'node:http';

  export default class Provider {
    constructor(issuer: string, configuration: object);
    listen(port: number, host: string): Server;
    callback(): (request: object, response: object) => void;
  }
}
