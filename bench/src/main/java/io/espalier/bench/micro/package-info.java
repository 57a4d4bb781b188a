/** Small things by JMH: one matrix product, one operation, one byte, one record, one decision. */
package io.espalier.bench.micro;
