import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.util.Hex;

/** What the programs of this folder share: the objects, and lines of words on standard output. */
final class Lab {
    private static final PrintStream OUT = System.out;

    /** Leshan's own objects, the container of application data, and one of ours with a resource of each type. */
    static LwM2mModel model() {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadDefault());
        models.add(new ObjectModel(19, "BinaryAppDataContainer", "", "1.0", true, false,
                row(0, "Data", Operations.RW, true, Type.OPAQUE)));
        models.add(new ObjectModel(33000, "Lab", "", "1.0", true, false,
                row(0, "Text", Operations.RW, false, Type.STRING),
                row(1, "Count", Operations.RW, false, Type.INTEGER),
                row(2, "Level", Operations.RW, false, Type.FLOAT),
                row(3, "Switch", Operations.RW, false, Type.BOOLEAN),
                row(4, "Bytes", Operations.RW, false, Type.OPAQUE),
                row(5, "Act", Operations.E, false, Type.STRING),
                row(6, "Counts", Operations.RW, true, Type.INTEGER)));
        return new StaticModel(models);
    }

    private static ResourceModel row(int id, String name, Operations operations, boolean multiple, Type type) {
        return new ResourceModel(id, name, operations, multiple, false, type, "", "", "");
    }

    /** One line: words with a tab between them. */
    static synchronized void tell(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            if (line.length() > 0) {
                line.append('\t');
            }
            line.append(String.valueOf(word).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n"));
        }
        OUT.println(line);
        OUT.flush();
    }

    static byte[] bytes(String hex) {
        return hex.equals("-") ? new byte[0] : Hex.decodeHex(hex.toCharArray());
    }

    /** A resource as text: a value, or {id=value}; opaque values in hexadecimal digits. */
    static String text(LwM2mResource resource) {
        if (!resource.isMultiInstances()) {
            return value(resource.getValue());
        }
        Map<Integer, String> texts = new TreeMap<>();
        resource.getValues().forEach((id, value) -> texts.put(id, value(value)));
        return texts.toString();
    }

    private static String value(Object value) {
        return value instanceof byte[] ? Hex.encodeHexString((byte[]) value) : String.valueOf(value);
    }

    private Lab() {
    }
}
