import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEnd, runChild } from './child-run.js';
import { crashAtVariable, crashListVariable, listCrashPoints } from './crash-points.js';
const defaultDeadlineMillis = 60_000;
const triesPerPoint = 3;
const isClockPoint = (point) => point.startsWith('clock.');
const child = (run, directory, env) => runChild({
    program: run.program,
    args: run.args?.(directory) ?? [directory],
    env: { ...run.env, ...env },
    deadlineMillis: run.deadlineMillis ?? defaultDeadlineMillis,
});
const freshDirectory = async (run, root, name) => {
    const directory = join(root, name);
    await mkdir(directory);
    await run.prepare?.(directory);
    return directory;
};
const undisturbedRun = async (run, root) => {
    const directory = await freshDirectory(run, root, 'undisturbed');
    const list = join(root, 'points.txt');
    const end = await child(run, directory, { [crashListVariable]: list });
    if (end.code !== 0)
        throw new Error(`crash points: the undisturbed run failed: ${describeEnd(end)}`);
    return { directory, points: listCrashPoints(list) };
};
/** One point: killed there, resumed, compared. `false`: the point was not reached. */
const crashOnce = async (run, directory, undisturbed, point) => {
    const killed = await child(run, directory, { [crashAtVariable]: point });
    if (killed.code === 0)
        return false;
    if (killed.signal !== 'SIGKILL')
        throw new Error(`it did not die by SIGKILL: ${describeEnd(killed)}`);
    const resumed = await child(run, directory, {});
    if (resumed.code !== 0)
        throw new Error(`it did not resume: ${describeEnd(resumed)}`);
    await run.compare(directory, undisturbed);
    return true;
};
const crashPoint = async (run, root, undisturbed, point, name) => {
    for (let attempt = 0; attempt < triesPerPoint; attempt++) {
        const directory = await freshDirectory(run, root, `${name}-${attempt}`);
        const reached = await crashOnce(run, directory, undisturbed, point);
        await rm(directory, { recursive: true });
        if (reached)
            return true;
    }
    if ((run.mayMiss ?? isClockPoint)(point))
        return false;
    throw new Error(`it was not reached in ${triesPerPoint} runs, though the undisturbed run passed it`);
};
/** Calls `work` for each item, so many at a time. */
const eachOf = async (items, parallel, work) => {
    let next = 0;
    const worker = async () => {
        while (next < items.length) {
            const index = next++;
            // The index is below the length.
            await work(items[index], index);
        }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
};
const messageOf = (error) => (error instanceof Error ? error.message : String(error));
/**
 * Puts a program through its crash points. It is run once undisturbed, which lists the points; then, for each, in a fresh
 * directory, run until SIGKILL ends it there, run again to resume, and compared with the undisturbed one.
 * Directories are made below the system's temporary folder and removed, but those of points that failed.
 * @throws Error that lists every point that failed, why, and where its directory is; also if there is no point at all
 * @public
 */
export const runCrashPoints = async (run) => {
    const print = run.print ?? (() => undefined);
    const root = await mkdtemp(join(tmpdir(), 'crash-points-'));
    const { directory: undisturbed, points } = await undisturbedRun(run, root);
    if (points.length === 0)
        throw new Error('crash points: the program passed none: does it give crashInstrumentFromEnv() to its run?');
    points.forEach((point, index) => print(`${index + 1} ${point}`));
    const chosen = run.choose?.(points) ?? points;
    const [crashed, missed, failed] = [[], [], []];
    await eachOf(chosen, run.parallel ?? 1, async (point, index) => {
        try {
            const reached = await crashPoint(run, root, undisturbed, point, `point-${index + 1}`);
            (reached ? crashed : missed).push(point);
        }
        catch (error) {
            failed.push(`${point}: ${messageOf(error)}`);
            print(`failed: ${failed.at(-1)}`);
        }
    });
    print(`${points.length} crash points: ${crashed.length} crashed and resumed, ${missed.length} missed, ${failed.length} failed`);
    if (failed.length > 0)
        throw new Error(`${failed.length} crash points failed (see ${root}):\n${failed.join('\n')}`);
    await rm(root, { recursive: true });
    return { points, crashed, missed };
};
//# sourceMappingURL=crash-driver.js.map