import { placeOf } from '../place.mjs'

const isDirective = (comment) => /^\s*(oxlint|eslint)-|^\s*@ts-/.test(comment.value)
const isReason = (comment) => !isDirective(comment) && /\w{2}/.test(comment.value)

const isConst = (node) => node.typeAnnotation?.type === 'TSTypeReference' && node.typeAnnotation.typeName?.name === 'const'

/** A comment that speaks of casts in the plural, or of what is below, covers the function that it stands in or above. */
const covers = (comment) => isReason(comment) && /\bcasts\b|\bbelow\b/i.test(comment.value)
const FUNCTION = /^(ArrowFunctionExpression|FunctionDeclaration|FunctionExpression|MethodDefinition|VariableDeclaration|ExportNamedDeclaration)$/

const isCovered = (node, comments) => {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (!FUNCTION.test(outer.type)) continue
    if (comments.some(({ loc }) => loc.end.line >= outer.loc.start.line - 1 && loc.end.line <= node.loc.start.line)) return true
  }
  return false
}

/** `any` and casts switch the compiler off: a comment on the line, or right above it, says why that is right. */
export const reasons = {
  meta: { type: 'problem' },
  create(context) {
    const place = placeOf(context.filename)
    if (place === undefined || place.part !== 'src') return {}
    const comments = context.sourceCode.getAllComments()
    const lines = new Set(comments.filter(isReason).map((comment) => comment.loc.end.line))
    const covering = comments.filter(covers)
    const check = (what) => (node) => {
      if (isConst(node)) return
      for (let line = node.loc.start.line - 1; line <= node.loc.end.line; line++) if (lines.has(line)) return
      if (!isCovered(node, covering)) context.report({ node, message: `${what} without a reason: say why it is right in a comment on this line or the one above` })
    }
    return { TSAnyKeyword: check('any'), TSAsExpression: check('a cast'), TSTypeAssertion: check('a cast') }
  },
}

/** What silences a checker: never the whole compiler, and never without a reason. */
export const silencing = {
  meta: { type: 'problem' },
  create(context) {
    return {
      Program(program) {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          const complain = (message) => context.report({ node: program, loc, message })
          if (/^\s*@ts-(ignore|nocheck)\b/.test(value)) complain('@ts-ignore hides every error of the line: use @ts-expect-error and say why')
          if (/^\s*@ts-expect-error\s*$/.test(value)) complain('@ts-expect-error: say what must not compile, and why')
          if (/^\s*(oxlint|eslint)-disable(?!.*--\s*\w)/.test(value)) complain('a disabled rule needs a reason: `-- because …`')
        }
      },
    }
  },
}
