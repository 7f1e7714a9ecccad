import { type Logger as PinoLogger, pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import type { Settings } from './config.js';

export type Logger = PinoLogger;

/** An error has no fields of its own to write down: pino looks for its message and stack under another name. */
const serializers = { error: pino.stdSerializers.err };

/** JSON lines, or readable ones on a terminal. Logs go to stderr, so that stdout stays for what was asked for. */
export function createLogger({ level, format }: Settings['log']): Logger {
  const readable = format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true);
  if (!readable) return pino({ level, serializers }, pino.destination({ fd: 2, sync: false }));
  return pino(
    { level, serializers },
    pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }),
  );
}
