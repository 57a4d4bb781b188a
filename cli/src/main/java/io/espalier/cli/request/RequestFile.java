package io.espalier.cli.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.RequestDocument;
import io.espalier.protocol.request.RequestPlaces;
import io.espalier.protocol.request.RequestReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file (or standard input, {@code -}) with a request in YAML or JSON. */
public final class RequestFile {
    private final String name;
    private final RequestDocument document;

    private RequestFile(String name, RequestDocument document) {
        this.name = name;
        this.document = document;
    }

    /** @throws UsageException if there is no such file */
    public static RequestFile read(String file, InputStream standardInput) throws UsageException {
        try {
            String text = file.equals("-")
                    ? new String(standardInput.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
            return new RequestFile(file.equals("-") ? "standard input" : file, RequestReader.parse(text));
        } catch (NoSuchFileException e) {
            throw new UsageException(file + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UsageException(file + ": cannot be read: " + e, e);
        }
    }

    public String name() {
        return name;
    }

    /** One complete request per job, paths absolute. */
    public List<ObjectNode> requests(RequestReader reader, Path folder) {
        List<ObjectNode> requests = reader.expand(document);
        requests.forEach(request -> RequestPlaces.makeAbsolute(request, folder));
        return requests;
    }
}
