using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Remote;

/// <summary>
/// What the command line needs to know of a deployed environment: where it is, and its tables. The rest of the file is the deployment's,
/// which checks all of it.
/// </summary>
internal sealed partial record OperatedEnvironment
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The environment's name.</summary>
    public required string Name { get; init; }

    /// <summary>The AWS account, 12 digits.</summary>
    public required string Account { get; init; }

    /// <summary>The AWS region.</summary>
    public required string Region { get; init; }

    /// <summary>Its tables' definitions, as this checkout has them: a JSON array. Only verbs that use them read them.</summary>
    public required string TablesText { get; init; }

    /// <summary>Its tables, as this checkout has them.</summary>
    /// <exception cref="CdcDmsException">The definitions are wrong.</exception>
    public TableList Tables => ContractJson.ReadTables(TablesText, $"{Name}.json $.tables");

    /// <summary>The address of an AWS service in the region.</summary>
    /// <param name="service">The service, such as <c>lambda</c>.</param>
    /// <param name="elsewhere">The variable of the SDKs that moves the service elsewhere.</param>
    public Uri Url(string service, string elsewhere) => new(
        Environment.GetEnvironmentVariable(elsewhere) is { Length: > 0 } url
            ? url
            : $"https://{service}.{Region}.{RegionEndpoint.GetBySystemName(Region).PartitionDnsSuffix}");

    /// <summary>
    /// An ARN in the account and region: with it AWS refuses the credentials of another account, where a name would be looked for in that
    /// one.
    /// </summary>
    public string Arn(string service, string kind, string name) =>
        $"arn:{RegionEndpoint.GetBySystemName(Region).PartitionName}:{service}:{Region}:{Account}:{kind}:{name}";

    /// <summary>
    /// A sentence on the tables that this checkout defines otherwise than the deployment, or cannot define; null where they agree.
    /// </summary>
    /// <param name="deployed">The definitions that the environment was deployed with.</param>
    /// <param name="concerned">The tables to compare, by their names at the source; none for all.</param>
    public string? Difference(TableList deployed, IReadOnlyList<TableName> concerned)
    {
        TableList own;
        try
        {
            own = Tables;
        }
        catch (CdcDmsException fault)
        {
            return $"The definitions of {Name} as deployed count here, and were not compared with this checkout's: {fault.Message}";
        }

        var (here, there) = (Texts(own), Texts(deployed));
        var different = here.Keys.Union(there.Keys).Where(name => concerned.Count == 0 || concerned.Contains(name))
            .Where(name => here.GetValueOrDefault(name) != there.GetValueOrDefault(name)).Select(name => name.ToString())
            .Order(StringComparer.Ordinal).ToList();
        return different.Count == 0
            ? null
            : $"{Name}.json defines {string.Join(", ", different)} otherwise than {Name} as deployed, which counts here: where this "
                + "checkout is right, deploy first.";
    }

    private static Dictionary<TableName, string> Texts(TableList list) => list.Tables.ToDictionary(
        table => table.Source, table => JsonSerializer.Serialize(table, ContractJson.Default.TableDefinition));

    /// <summary>Reads <c>infra/Environments/NAME.json</c>.</summary>
    /// <exception cref="CdcDmsException">There is no such file, or it does not say where the environment is.</exception>
    public static OperatedEnvironment Read(string name)
    {
        var file = EnvironmentFiles.Find(name);
        return Parse(name, file, File.ReadAllText(file));
    }

    /// <summary>Reads an environment file's text.</summary>
    /// <exception cref="CdcDmsException">It does not say where the environment is.</exception>
    public static OperatedEnvironment Parse(string name, string file, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            return new OperatedEnvironment
            {
                Name = name,
                Account = Text("account", AccountPattern()),
                Region = Text("region", RegionPattern()),
                TablesText = document.RootElement.TryGetProperty("tables", out var tables) ? tables.GetRawText() : "[]",
            };

            string Text(string property, Regex pattern) =>
                document.RootElement.GetProperty(property).GetString() is { } text && pattern.IsMatch(text)
                    ? text
                    : throw new InvalidOperationException($"its {property} is none.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{file} cannot be used: {fault.Message.TrimEnd('.')}; npx cdk synth -c env={name} shows all that is wrong with it.",
                fault);
        }
    }

    [GeneratedRegex("^[0-9]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern();

    [GeneratedRegex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern();
}
