/**
 * The pruning request: {@code request.schema.json} says what there is, {@link io.espalier.protocol.request.RequestReader}
 * makes text or JSON into valid {@link io.espalier.protocol.request.PruningRequest}s or says everything that is wrong.
 */
package io.espalier.protocol.request;
