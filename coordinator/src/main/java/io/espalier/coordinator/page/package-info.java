/** Job snapshots to browsers and other watchers as they change; the page itself is static, below {@code webroot}. */
package io.espalier.coordinator.page;
