import { isLibrary, placeOf } from '../place.mjs'

/** No enums and no namespaces: neither is JavaScript with types. */
export const plainTypescript = {
  meta: { type: 'problem' },
  create(context) {
    const refuse = (message) => (node) => context.report({ node, message })
    return {
      TSEnumDeclaration: refuse('no enums: a union of string literals'),
      TSModuleDeclaration: (node) => {
        if (node.kind !== 'global' && node.id.type !== 'Literal') refuse('no namespaces: a module is one already')(node)
      },
    }
  },
}

const DOCUMENTED = /^(TSInterfaceDeclaration|TSTypeAliasDeclaration|ClassDeclaration|FunctionDeclaration|VariableDeclaration)$/

/** Every export of a library has a comment that says what it is; exports without a blank line between them may share one. */
export const documented = {
  meta: { type: 'problem' },
  create(context) {
    if (!isLibrary(placeOf(context.filename))) return {}
    let lastDocumentedLine = -1
    return {
      ExportNamedDeclaration(node) {
        if (!DOCUMENTED.test(node.declaration?.type ?? '')) return
        const name = node.declaration.id?.name ?? node.declaration.declarations?.[0]?.id.name
        const lineAbove = node.loc.start.line - 1
        const isCovered = lineAbove === lastDocumentedLine || context.sourceCode.getCommentsBefore(node).at(-1)?.loc.end.line === lineAbove
        if (isCovered) lastDocumentedLine = node.loc.end.line
        else context.report({ node, message: `${name}: say what it is in a doc comment` })
      },
    }
  },
}
