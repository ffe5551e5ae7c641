// What runs within Redis. A script reads the clock and the keys at one moment, and its clock is the only one that counts:
// those of the processes may differ as they like. Redis keeps a script by its hash; ioredis sends it again where it was
// forgotten.
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** @returns microseconds since 1970, then the value of each key, null where there is none */
    synkroRead(keys: number, ...keysToRead: string[]): Result<(number | string | null)[], Context>;
    /** @param given microseconds since 1970 after which nothing is kept, then a value for each key */
    synkroWrite(keys: number, ...given: (string | number)[]): Result<number, Context>;
    /** @returns microseconds to wait; 0: admitted, and counted */
    synkroTake(key: string, intervalUs: number, windowUs: number): Result<number, Context>;
  }
}

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`;

const read = `${now}
local answer = redis.call('MGET', unpack(KEYS))
table.insert(answer, 1, now)
return answer
`;

/** One that was held up on its way writes for as long as is left, or not at all. */
const write = `${now}
local left = math.floor((tonumber(ARGV[1]) - now) / 1000)
if left < 1 then return 0 end
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i + 1], 'PX', left) end
return #KEYS
`;

/**
 * The generic cell rate algorithm: a client has one number, the moment at which its allowance would be whole again. Each
 * request moves it on by an interval, and is refused where it would get further than a window ahead of now. A number
 * further away than that nobody wrote here, or the clock was set back.
 */
const take = `${now}
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = tonumber(redis.call('GET', KEYS[1]))
if not (whole and whole >= now and whole <= now + window) then whole = now end
local after = whole + interval
local wait = after - window - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return 0
`;

export function defineScripts(redis: Redis): void {
  redis.defineCommand('synkroRead', { lua: read });
  redis.defineCommand('synkroWrite', { lua: write });
  redis.defineCommand('synkroTake', { lua: take, numberOfKeys: 1 });
}
