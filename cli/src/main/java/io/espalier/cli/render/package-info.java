/** Tables and progress bars; knows neither network nor processes. */
package io.espalier.cli.render;
