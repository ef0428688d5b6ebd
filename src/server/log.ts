/** What the server logs with: structured lines, such as pino writes. Never the text of a request. */
export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
