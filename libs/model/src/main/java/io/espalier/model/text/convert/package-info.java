/** Tokenizers that lie in other forms than {@code tokenizer.json}, turned into that form in memory. */
package io.espalier.model.text.convert;
