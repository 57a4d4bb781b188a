/** What a pruning method is, and where to find them by name. Each method has a package of its own below this one. */
package io.espalier.pruning.method;
