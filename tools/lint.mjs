// Checks the code's rules. Usage: node tools/lint.mjs
