import { placeOf } from '../place.mjs'

/** A suite that is not run and a test that runs alone look green. */
export const testsRun = {
  meta: { type: 'problem' },
  create(context) {
    const place = placeOf(context.filename)
    if (place?.part !== 'test') return {}
    const made = new Map()
    const ran = new Set()
    let importsUvu = false
    return {
      ImportDeclaration(node) {
        if (node.source.value === 'uvu' && node.importKind !== 'type') importsUvu = true
      },
      VariableDeclarator(node) {
        if (node.init?.type === 'CallExpression' && node.init.callee.name === 'suite' && node.id.type === 'Identifier') made.set(node.id.name, node)
      },
      MemberExpression(node) {
        if (node.object.type !== 'Identifier') return
        if (node.property.name === 'run') ran.add(node.object.name)
        if (node.property.name === 'only' && importsUvu) context.report({ node, message: '.only leaves the other tests out' })
      },
      'Program:exit'(program) {
        for (const [name, node] of made) if (!ran.has(name)) context.report({ node, message: `${name}.run() is missing: the suite would look green` })
        if (ran.size > 0 && importsUvu && !place.inside.endsWith('.test.ts')) context.report({ node: program, message: 'a file with tests is named *.test.ts, or nobody runs it' })
      },
    }
  },
}
