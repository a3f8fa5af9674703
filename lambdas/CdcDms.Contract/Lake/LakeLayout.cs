using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Lake;

/// <summary>
/// Where things are in a lake. Each generation has a folder of its own, with a folder for each table as DMS makes them. Beside the
/// generations, one more folder holds what the pipeline writes for itself.
/// </summary>
public static partial class LakeLayout
{
    /// <summary>The folder of the pipeline's own objects.</summary>
    public const string OwnFolder = TableFeed.ReservedFolder;

    /// <summary>The folder of answers that are too large for a function, which are deleted after a day.</summary>
    public const string AnswerFolder = $"{OwnFolder}/answers";

    /// <summary>The folder of what the function of a stream keeps beside the change files.</summary>
    public const string StreamFolder = $"{OwnFolder}/stream";

    /// <summary>Folder of records of a stream that could not be understood.</summary>
    public const string RejectsFolder = $"{StreamFolder}/rejects";

    /// <summary>
    /// The folder of plans for Spark, and of what Spark leaves of change files. All of it is deleted after a week.
    /// </summary>
    public const string SparkFolder = $"{OwnFolder}/spark";

    /// <summary>The highest generation: a folder's name has three digits, so that folders sort as their generations do.</summary>
    public const int MostGenerations = 999;

    /// <summary>The folder of a generation: <c>g001</c>.</summary>
    /// <param name="generation">The generation, from 1 to <see cref="MostGenerations"/>.</param>
    public static string GenerationFolder(int generation) => string.Create(CultureInfo.InvariantCulture, $"g{generation:D3}");

    /// <summary>The generation of a folder; null when the folder is no generation's.</summary>
    /// <param name="folder">The folder's name, with or without a closing slash.</param>
    public static int? GenerationOfFolder(string folder) =>
        FolderPattern().Match(folder.TrimEnd('/')) is { Success: true, Groups: [_, var digits] }
        && int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) is var generation and > 0
            ? generation
            : null;

    /// <summary>The generation in whose folder a key is; 0 where it is in none, as the key of a feed's file.</summary>
    public static int GenerationOf(this LakeUri lake, string key) => GenerationOfFolder(key[lake.Key("").Length..].Split('/', 2)[0]) ?? 0;

    /// <summary>The prefix of a table's files in one generation, with its closing slash (docs/dms-contract.md#object-layout).</summary>
    public static string TablePrefix(this LakeUri lake, TableName table, int generation) =>
        lake.Key($"{GenerationFolder(generation)}/{table.Schema}/{table.Name}/");

    /// <summary>The key of a table's full-load file.</summary>
    public static string LoadKey(this LakeUri lake, TableName table, int generation, int number) =>
        lake.TablePrefix(table, generation) + ChangeFileName.Load(number);

    /// <summary>The key of a table's CDC file.</summary>
    public static string CdcKey(this LakeUri lake, TableName table, int generation, DateTime commitTimeUtc, DateTime madeUtc) =>
        $"{lake.TablePrefix(table, generation)}{ChangeFileName.DateFolder(commitTimeUtc)}/{ChangeFileName.Cdc(madeUtc)}";

    /// <summary>The prefix of a table's snapshot manifests, with its closing slash.</summary>
    public static string ManifestPrefix(this LakeUri lake, TableName table) =>
        lake.Key($"{OwnFolder}/manifests/{table.Schema}/{table.Name}/");

    /// <summary>The key of the manifest of one generation of a table.</summary>
    public static string ManifestKey(this LakeUri lake, TableName table, int generation) =>
        $"{lake.ManifestPrefix(table)}{GenerationFolder(generation)}.json";

    /// <summary>The key of the local capture's checkpoint.</summary>
    public static string CheckpointKey(this LakeUri lake) => lake.Key($"{OwnFolder}/capture/checkpoint.json");

    /// <summary>
    /// The key of an answer that is too large for a function; one below <see cref="OwnFolder"/>, where no table's files are looked for.
    /// </summary>
    public static string AnswerKey(this LakeUri lake, Guid id) => lake.Key($"{AnswerFolder}/{id}.json");

    /// <summary>The prefix of what was not understood of the stream of a generation, with its closing slash.</summary>
    public static string RejectsPrefix(this LakeUri lake, int generation) =>
        lake.Key($"{RejectsFolder}/{GenerationFolder(generation)}/");

    /// <summary>The key of the messages of a stream that are in no change file, because they could not be understood.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="generation">The generation of the task that wrote them: in a later one they would be above what it loaded.</param>
    /// <param name="range">The records among which they were.</param>
    public static string RejectsKey(this LakeUri lake, int generation, ShardRange range) =>
        lake.RejectsPrefix(generation) + range.OwnName("ndjson");

    /// <summary>The generation of such a key; null when it is none.</summary>
    public static int? GenerationOfRejects(this LakeUri lake, string key) =>
        lake.Key($"{RejectsFolder}/") is var folder && key.StartsWith(folder, StringComparison.Ordinal)
            ? GenerationOfFolder(key[folder.Length..].Split('/', 2)[0])
            : null;

    /// <summary>The folder of one plan for Spark, with its closing slash.</summary>
    public static string SparkPrefix(this LakeUri lake, TableName table, Guid id) =>
        lake.Key($"{SparkFolder}/{table.Schema}/{table.Name}/{id}/");

    [GeneratedRegex("^g([0-9]{3})$", RegexOptions.CultureInvariant)]
    private static partial Regex FolderPattern();
}
