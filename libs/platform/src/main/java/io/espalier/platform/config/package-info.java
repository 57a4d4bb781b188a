/** Defaults, file, environment and arguments, merged into one set of checked values. */
package io.espalier.platform.config;
