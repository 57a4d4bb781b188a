/**
 * The eval-worker: {@link io.espalier.eval.EvalWorker} serves EVALUATE tasks. Its handlers translate between tasks and
 * {@link io.espalier.evaluation}, which does the work.
 */
package io.espalier.eval;
