import { spawn } from 'node:child_process';
const keptCharacters = 4_000;
/** Runs a Node program to its end. */
export const runChild = ({ program, args, env, deadlineMillis }) => new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: deadlineMillis,
    });
    let output = '';
    const keep = (text) => {
        output = (output + text).slice(-keptCharacters);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
});
/** In words, with what it printed. */
export const describeEnd = ({ code, signal, output }) => `${signal === null ? `exit code ${code}` : `ended by ${signal}`}; it printed:\n${output || '(nothing)'}`;
//# sourceMappingURL=child-run.js.map