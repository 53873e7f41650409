/**
 * What travels in the types of a pipeline. `reach`: a source, stage or sink that works only in this process makes the
 * whole pipeline `local`. `panes`: what a sink must be able to take.
 * @public
 */
export interface Traits {
  readonly reach: 'portable' | 'local'
  readonly panes: 'single' | 'accumulating' | 'discarding'
}

/** `T` after something of reach `R` was added. @public */
export type Reached<T extends Traits, R extends Traits['reach']> = {
  readonly reach: 'local' extends T['reach'] | R ? 'local' : 'portable'
  readonly panes: T['panes']
}

/** `T` after windows that fire panes of kind `P`. @public */
export type Fired<T extends Traits, P extends Traits['panes']> = {
  readonly reach: T['reach']
  readonly panes: P
}
