using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Lake;

/// <summary>
/// Where things are in a lake. Table folders are DMS's; what the pipeline writes itself is below one folder that no table can have.
/// </summary>
public static class LakeLayout
{
    /// <summary>
    /// The folder of the pipeline's own objects. DMS folders are <c>schema/table</c>; a PostgreSQL schema of this name would collide, so
    /// such a schema is refused as a source.
    /// </summary>
    public const string OwnFolder = TableFeed.ReservedFolder;

    /// <summary>The prefix of a table's change files, with its closing slash (docs/dms-contract.md#object-layout).</summary>
    public static string TablePrefix(this LakeUri lake, TableName table) => lake.Key($"{table.Schema}/{table.Name}/");

    /// <summary>The key of a table's full-load file.</summary>
    public static string LoadKey(this LakeUri lake, TableName table, int number) =>
        lake.TablePrefix(table) + ChangeFileName.Load(number);

    /// <summary>The key of a table's CDC file.</summary>
    public static string CdcKey(this LakeUri lake, TableName table, DateTime commitTimeUtc, DateTime madeUtc) =>
        $"{lake.TablePrefix(table)}{ChangeFileName.DateFolder(commitTimeUtc)}/{ChangeFileName.Cdc(madeUtc)}";

    /// <summary>The prefix of a table's snapshot manifests, with its closing slash.</summary>
    public static string ManifestPrefix(this LakeUri lake, TableName table) =>
        lake.Key($"{OwnFolder}/manifests/{table.Schema}/{table.Name}/");

    /// <summary>The key of the manifest of one generation of a table.</summary>
    public static string ManifestKey(this LakeUri lake, TableName table, ChangeVersion generation) =>
        $"{lake.ManifestPrefix(table)}{generation}.json";

    /// <summary>The key of the local capture's checkpoint.</summary>
    public static string CheckpointKey(this LakeUri lake) => lake.Key($"{OwnFolder}/capture/checkpoint.json");
}
