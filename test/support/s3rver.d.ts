declare module 's3rver' {
  export default class S3rver {
    constructor(options: object);
    // biome-ignore lint/suspicious/noExplicitAny: koa's own types are not installed
    readonly middleware: ((context: any, next: () => Promise<void>) => Promise<void>)[];
    run(): Promise<{ readonly address: string; readonly port: number }>;
    close(): Promise<void>;
  }
}
