package io.espalier.platform.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestPlaces;
import io.espalier.protocol.request.RequestProblem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where requests may read and write: folders and URI prefixes ({@code s3://bucket/models}). A location is compared
 * segment by segment after {@code ..} is resolved, and on the machine that has the files also after links are.
 *
 * @param roots empty: everywhere
 */
public record AllowedRoots(List<String> roots) {
    private static final Pattern REMOTE = Pattern.compile("(?!file:)[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

    public AllowedRoots {
        roots = List.copyOf(roots);
    }

    public static AllowedRoots everywhere() {
        return new AllowedRoots(List.of());
    }

    /**
     * Reads {@code roots}: absolute folders and URIs, separated by commas.
     *
     * @throws SettingException if one is neither
     */
    public static AllowedRoots from(Settings settings) {
        List<String> roots = settings.text("roots").map(text -> Stream.of(text.split(",")).map(String::strip)
                .filter(root -> !root.isEmpty()).toList()).orElse(List.of());
        for (String root : roots) {
            if (!isRemote(root) && local(root).filter(Path::isAbsolute).isEmpty()) {
                throw settings.refused("roots", "'" + root + "' is neither an absolute folder nor a URI");
            }
        }
        return new AllowedRoots(roots);
    }

    /**
     * Looks at every place that a request names, by name only: links are for those who have the files.
     *
     * @throws InvalidRequestException with each place outside
     */
    public void require(JsonNode request) {
        List<RequestProblem> outside = RequestPlaces.all(request).stream().flatMap(place -> refusal(place.location())
                .map(reason -> new RequestProblem(place.pointer(), reason)).stream()).toList();
        if (!outside.isEmpty()) {
            throw new InvalidRequestException(outside);
        }
    }

    /** Why a location is refused by its name alone; empty if it is not. */
    public Optional<String> refusal(String location) {
        return roots.isEmpty() || admits(location) ? Optional.empty() : Optional.of(outside(location));
    }

    /**
     * The same with links resolved, of the location itself and, where it is a folder, of the files in it. What does not
     * exist yet counts by its nearest parent that does.
     *
     * @throws IOException if the file system cannot be asked
     */
    public Optional<String> realRefusal(String location) throws IOException {
        Optional<Path> path = local(location);
        if (roots.isEmpty() || !admits(location) || path.isEmpty()) {
            return refusal(location);
        }
        Path real = real(path.get());
        if (!isBelowRealRoot(real)) {
            return Optional.of(outside(location) + ": it leads to " + real);
        }
        if (Files.isDirectory(real)) {
            try (Stream<Path> files = Files.list(real)) {
                for (Path file : files.filter(Files::isSymbolicLink).toList()) {
                    if (!isBelowRealRoot(real(file))) {
                        return Optional.of(outside(file.toString()) + ": it leads to " + real(file));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private String outside(String location) {
        return location + " is outside of what requests may name here (" + String.join(", ", roots) + ")";
    }

    private boolean admits(String location) {
        if (isRemote(location)) {
            Optional<URI> uri = uri(location);
            return uri.isPresent() && roots.stream().filter(AllowedRoots::isRemote)
                    .anyMatch(root -> uri(root).filter(allowed -> isBelow(uri.get(), allowed)).isPresent());
        }
        return local(location).filter(path -> localRoots().stream().anyMatch(path::startsWith)).isPresent();
    }

    private boolean isBelowRealRoot(Path real) throws IOException {
        for (Path root : localRoots()) {
            if (real.startsWith(real(root))) {
                return true;
            }
        }
        return false;
    }

    private List<Path> localRoots() {
        List<Path> paths = new ArrayList<>();
        roots.stream().filter(root -> !isRemote(root)).forEach(root -> local(root).ifPresent(paths::add));
        return paths;
    }

    private static boolean isBelow(URI uri, URI root) {
        String allowed = root.getPath() == null ? "" : root.getPath().replaceAll("/+$", "");
        return uri.getScheme().equalsIgnoreCase(root.getScheme()) && uri.getAuthority() != null
                && uri.getAuthority().equals(root.getAuthority()) && uri.getPath() != null
                && (uri.getPath() + "/").startsWith(allowed + "/");
    }

    /** Normalised; nothing for what cannot be a URI or steps out of its own root. */
    private static Optional<URI> uri(String text) {
        try {
            URI uri = URI.create(text).normalize();
            boolean climbs = uri.getPath() != null && List.of(uri.getPath().split("/")).contains("..");
            return climbs || uri.getScheme() == null ? Optional.empty() : Optional.of(uri);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isRemote(String location) {
        return REMOTE.matcher(location).matches();
    }

    private static Optional<Path> local(String location) {
        try {
            Path path = location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
            return isRemote(location) ? Optional.empty() : Optional.of(path.normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Path real(Path path) throws IOException {
        Path known = path.toAbsolutePath();
        while (!Files.exists(known) && known.getParent() != null) {
            known = known.getParent();
        }
        Path rest = known.relativize(path.toAbsolutePath());
        return known.toRealPath().resolve(rest).normalize();
    }
}
