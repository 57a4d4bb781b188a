package io.espalier.broker;

import io.espalier.platform.process.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * The ports of a broker, remembered in its data folder: clients that wait for a restart look for it under the address
 * that they know, and the quorum of one is written into the storage.
 */
record BrokerPorts(int clients, int controller) {
    private static final String FILE = "ports.properties";

    /**
     * @param wanted port for clients, 0 for the remembered one or any
     * @throws BrokerException if a port is taken
     */
    static BrokerPorts claim(Path data, int wanted) throws IOException {
        Path file = data.resolve(FILE);
        BrokerPorts remembered = Files.exists(file) ? read(file) : new BrokerPorts(0, 0);
        int clients = wanted > 0 ? wanted : remembered.clients;
        BrokerPorts ports = new BrokerPorts(clients > 0 ? clients : Ports.free(),
                remembered.controller > 0 ? remembered.controller : Ports.free());
        ports.requireFree(file);
        if (!ports.equals(remembered)) {
            ports.write(file);
        }
        return ports;
    }

    private void requireFree(Path file) {
        for (int port : new int[]{clients, controller}) {
            if (!Ports.isFree(port)) {
                throw new BrokerException("port 127.0.0.1:" + port + " is taken: end the process that holds it"
                        + " (perhaps a broker on the same data), or delete " + file + " to get other ports");
            }
        }
    }

    private static BrokerPorts read(Path file) throws IOException {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            return new BrokerPorts(Integer.parseInt(properties.getProperty("clients")),
                    Integer.parseInt(properties.getProperty("controller")));
        } catch (IllegalArgumentException e) {
            throw new BrokerException(file + " does not hold two ports: delete it to get new ones", e);
        }
    }

    private void write(Path file) throws IOException {
        Path temporary = file.resolveSibling(FILE + ".tmp");
        Files.writeString(temporary, "clients=" + clients + "\ncontroller=" + controller + "\n");
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
