/** The spans of jobs: their ids follow from what they are about, so they need no memory and survive restarts. */
package io.espalier.coordinator.trace;
