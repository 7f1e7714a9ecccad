/**
 * A bucket in an S3-compatible store. Conditional uploads use `If-Match` and `If-None-Match` (S3 has both since 2024);
 * the version of an object is its ETag.
 */
import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { FaultError, fault } from '../../wire/fault.js';
import {
  type Bucket,
  type ConditionalUpload,
  checkDirectory,
  checkName,
  missing,
  type ObjectAttributes,
  type VersionedObject,
} from './bucket.js';

/** Tells one upload from another with the same bytes. */
const UPLOAD_KEY = 'skald-upload';

export interface S3Settings {
  readonly bucket: string;
  /** Put before every object name; '' or `a/b`. */
  readonly prefix: string;
  readonly region: string;
  /** Of a compatible store; absent = AWS. */
  readonly endpoint?: string;
  /** `http://host/bucket/key` instead of `http://bucket.host/key`. */
  readonly pathStyle: boolean;
  /** Absent = environment, profile or instance, as AWS's own tools look for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Tries of one request, with growing pauses. */
  readonly attemptsMax: number;
}

export class S3Bucket implements Bucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor({ bucket, prefix, region, endpoint, pathStyle, credentials, attemptsMax }: S3Settings) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      maxAttempts: attemptsMax,
      // Compatible stores do not all understand the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  readonly conditional: ConditionalUpload = {
    get: async (name) => {
      try {
        return await this.#versioned(name);
      } catch (error) {
        if (error instanceof FaultError && error.fault.code === 'not-found') return null;
        throw error;
      }
    },
    upload: (name, bytes, expected) => this.#uploadIf(name, bytes, expected),
  };

  close(): void {
    this.#client.destroy();
  }

  async upload(name: string, bytes: Uint8Array): Promise<void> {
    const object = this.#object(name);
    await this.#guard(name, () => this.#client.send(new PutObjectCommand({ ...object, Body: bytes })));
  }

  async get(name: string): Promise<Uint8Array> {
    return (await this.#versioned(name)).bytes;
  }

  async getRange(name: string, offset: number, length: number): Promise<Uint8Array> {
    const object = this.#object(name);
    if (length === 0) {
      await this.attributes(name);
      return new Uint8Array(0);
    }
    const Range = `bytes=${offset}-${offset + length - 1}`;
    return this.#guard(name, async () => {
      try {
        return await bodyOf(await this.#client.send(new GetObjectCommand({ ...object, Range })));
      } catch (error) {
        if (isStatus(error, 416)) return new Uint8Array(0); // begins behind the end
        throw error;
      }
    });
  }

  async exists(name: string): Promise<boolean> {
    try {
      await this.attributes(name);
      return true;
    } catch (error) {
      if (error instanceof FaultError && error.fault.code === 'not-found') return false;
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    const object = this.#object(name);
    await this.#guard(name, async () => {
      await this.#client.send(new DeleteObjectCommand(object)).catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error;
      });
    });
  }

  async *iter(directory: string): AsyncIterable<string> {
    checkDirectory(directory);
    const Prefix = `${this.#prefix}${directory === '' ? '' : `${directory}/`}`;
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const more = ContinuationToken === undefined ? {} : { ContinuationToken };
      const list = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix, ...more });
      const page = await this.#guard(directory, () => this.#client.send(list));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) found.push(Key.slice(this.#prefix.length));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    yield* found.sort(); // not every compatible store does
  }

  async attributes(name: string): Promise<ObjectAttributes> {
    const object = this.#object(name);
    const head = await this.#guard(name, () => this.#client.send(new HeadObjectCommand(object)));
    return { size: head.ContentLength ?? 0, version: head.ETag ?? '' };
  }

  async #versioned(name: string): Promise<VersionedObject> {
    const object = this.#object(name);
    return this.#guard(name, async () => {
      const answer = await this.#client.send(new GetObjectCommand(object));
      return { bytes: await bodyOf(answer), version: answer.ETag ?? '' };
    });
  }

  async #uploadIf(name: string, bytes: Uint8Array, expected: string | null): Promise<string | null> {
    const object = this.#object(name);
    const condition = expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
    const Metadata = { [UPLOAD_KEY]: randomUUID() };
    return this.#guard(name, async () => {
      try {
        const put = new PutObjectCommand({ ...object, Body: bytes, Metadata, ...condition });
        return (await this.#client.send(put)).ETag ?? (await this.attributes(name)).version;
      } catch (error) {
        // 409: another conditional upload was under way; 404: what was expected is gone.
        if (!isStatus(error, 412) && !isStatus(error, 409) && !isStatus(error, 404)) throw error;
        return this.#mine(name, Metadata[UPLOAD_KEY]!);
      }
    });
  }

  /** A retry of an upload whose answer was lost is refused because of what the first try has written. */
  async #mine(name: string, upload: string): Promise<string | null> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#object(name)));
      return head.Metadata?.[UPLOAD_KEY] === upload ? (head.ETag ?? null) : null;
    } catch (error) {
      if (isStatus(error, 404)) return null;
      throw error;
    }
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    checkName(name);
    return { Bucket: this.#bucket, Key: this.#prefix + name };
  }

  /** Turns what the store says into faults. */
  async #guard<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FaultError) throw error;
      if (isStatus(error, 404) && !isNamed(error, 'NoSuchBucket')) return missing(name);
      if (isStatus(error, 507))
        throw new FaultError(fault('storage-full', `the object store is full: ${textOf(error)}`));
      throw new FaultError(fault('unavailable', `the object store refused ${name}: ${textOf(error)}`));
    }
  }
}

async function bodyOf(answer: {
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined;
}): Promise<Uint8Array> {
  return (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
