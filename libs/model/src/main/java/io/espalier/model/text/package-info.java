/** Text to token ids: the checkpoint's own tokenizer, calibration samples, evaluation segments. */
package io.espalier.model.text;
