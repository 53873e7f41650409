import { sourceConformance } from '@millrace/core/testing'
import { suite } from 'uvu'
import { memoryHarness, plainHarness } from './memory-harness.js'
import { uvuRunner } from './uvu-runner.js'

const bounded = suite('memory source, bounded: conformance')
sourceConformance(uvuRunner(bounded), memoryHarness({ bounded: true, replayable: true, acknowledges: true }))
bounded.run()

const queue = suite('memory source, a queue that acknowledges: conformance')
sourceConformance(uvuRunner(queue), memoryHarness({ bounded: false, replayable: false, acknowledges: true }))
queue.run()

const live = suite('memory source, unbounded and replayable: conformance')
sourceConformance(uvuRunner(live), memoryHarness({ bounded: false, replayable: true, acknowledges: false }))
live.run()

const plain = suite('memory source, plain records with attributes: conformance')
sourceConformance(uvuRunner(plain), plainHarness())
plain.run()
