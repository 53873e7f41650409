import { isLibrary, placeOf } from '../place.mjs'

const ADVICE = 'time, timers and randomness come from the context (Clock, random): only core/src/time/system.ts asks the machine'
const MODULES = /^(node:)?(timers|timers\/promises|perf_hooks)$/
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate']
const FORBIDDEN_GLOBALS = new Set([...TIMERS, 'performance'])
/** What may be taken from a global object; everything else of it, and the object as a value, is refused. */
const ALLOWED_MEMBERS = { Date: ['UTC', 'parse', 'prototype'], crypto: ['subtle'] }
const FORBIDDEN_MEMBERS = { Math: ['random'], process: ['hrtime', 'uptime'], AbortSignal: ['timeout'] }
const WHOLE = new Set(['globalThis', 'global'])
const GLOBALS = new Set([...FORBIDDEN_GLOBALS, ...Object.keys(ALLOWED_MEMBERS), ...Object.keys(FORBIDDEN_MEMBERS), ...WHOLE])
const FORBIDDEN_IMPORTS = {
  crypto: /^(random.*|getRandomValues|webcrypto|default|\*)$/,
  process: /^(hrtime|uptime|default|\*)$/,
  rxjs: /^(timer|interval|delay|delayWhen|debounceTime|throttleTime|auditTime|sampleTime|bufferTime|windowTime|timeout|timeoutWith|timestamp|timeInterval|async|asyncScheduler|animationFrame.*|\*)$/,
}

const memberName = (node) => (node.computed ? (node.property.type === 'Literal' ? String(node.property.value) : undefined) : node.property.name)

/** `globalThis as { [OUR_SYMBOL]?: … }` is a slot of our own: its type lets nobody reach the clock. */
const isOwnSlot = (parent) =>
  parent.type === 'TSAsExpression' &&
  parent.typeAnnotation.type === 'TSTypeLiteral' &&
  parent.typeAnnotation.members.every((member) => member.type === 'TSPropertySignature' && member.key.type === 'Identifier' && (member.computed || !GLOBALS.has(member.key.name)))

/** Whether the global `name`, used at `node` with this parent, could give a clock, a timer or randomness. */
const isForbiddenUse = (name, node, parent) => {
  if (FORBIDDEN_GLOBALS.has(name)) return true
  const member = parent.type === 'MemberExpression' && parent.object === node ? memberName(parent) : undefined
  const isMember = parent.type === 'MemberExpression' && parent.object === node
  if (WHOLE.has(name)) return isOwnSlot(parent) ? false : !isMember || member === undefined || (GLOBALS.has(member) && isForbiddenUse(member, parent, parent.parent))
  if (name === 'Date' && parent.type === 'NewExpression') return parent.arguments.length === 0 || parent.arguments[0].type === 'SpreadElement'
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof') return false
  if (!isMember || member === undefined) return true
  return name in ALLOWED_MEMBERS ? !ALLOWED_MEMBERS[name].includes(member) : FORBIDDEN_MEMBERS[name].includes(member)
}

const isName = (node, parent) =>
  (parent.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
  (['Property', 'PropertyDefinition', 'MethodDefinition', 'AccessorProperty'].includes(parent.type) && parent.key === node && !parent.computed && parent.value !== node) ||
  /^(TS(?!As|NonNull|Satisfies|Instantiation|TypeAssertion)|Import|ExportSpecifier|LabeledStatement)/.test(parent.type)

const isGlobal = (context, node) => {
  for (let scope = context.sourceCode.getScope(node); scope !== null; scope = scope.upper) {
    if ((scope.set.get(node.name)?.defs.length ?? 0) > 0) return false
  }
  return true
}

const importedNames = (node) =>
  node.specifiers.map((each) => {
    if (each.type === 'ImportDefaultSpecifier') return 'default'
    return each.type === 'ImportNamespaceSpecifier' ? '*' : (each.imported.name ?? each.imported.value)
  })

/** No clock, timer or randomness but through the injected ports, however it is spelled. */
export const injectedEffects = {
  meta: { type: 'problem' },
  create(context) {
    const place = placeOf(context.filename)
    if (!isLibrary(place) || (place.name === 'core' && place.inside === 'time/system.ts')) return {}
    const report = (node, what) => context.report({ node, message: `${what}: ${ADVICE}` })
    const checkModule = (node) => {
      const source = node.source?.value
      if (typeof source === 'string' && MODULES.test(source)) report(node, source)
    }
    return {
      Identifier(node) {
        if (!GLOBALS.has(node.name) || isName(node, node.parent) || !isGlobal(context, node)) return
        if (isForbiddenUse(node.name, node, node.parent)) report(node, node.name)
      },
      ImportDeclaration(node) {
        checkModule(node)
        const forbidden = node.importKind === 'type' ? undefined : FORBIDDEN_IMPORTS[node.source.value.replace(/^node:/, '').replace(/^rxjs\/operators$/, 'rxjs')]
        for (const name of forbidden === undefined ? [] : importedNames(node)) if (forbidden.test(name)) report(node, `${name} of ${node.source.value}`)
      },
      ImportExpression: checkModule,
      ExportNamedDeclaration: checkModule,
      ExportAllDeclaration: checkModule,
    }
  },
}
