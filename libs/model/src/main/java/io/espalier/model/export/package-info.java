/**
 * Other homes for a checkpoint: formats that engines beside transformers read. A format says first whether it can hold a
 * model at all ({@link io.espalier.model.export.ExportFormat#check}), then writes it, tensor by tensor.
 */
package io.espalier.model.export;
