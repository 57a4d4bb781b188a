/** The same work done by Python's libraries, in the same run, where a Python with torch is at hand. */
package io.espalier.bench.python;
