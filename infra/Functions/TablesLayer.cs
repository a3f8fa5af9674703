using System.Text.Json;
using Amazon.CDK.AWS.Lambda;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Functions;

/// <summary>
/// The table definitions as a file, for a function that is called without them: an environment holds 4 KB (AWS: Lambda quotas), and a layer
/// is there before the function runs, below <c>/opt</c> (AWS: Adding layers to functions).
/// </summary>
internal sealed class TablesLayer : LayerVersion
{
    /// <summary>Where the function finds the file.</summary>
    public const string Path = $"/opt/{Name}";

    private const string Name = "tables.json";

    public TablesLayer(Construct scope, string id, DeploymentEnvironment environment, FunctionBundle bundle)
        : base(scope, id, new LayerVersionProps
        {
            Description = "The table definitions, as this deployment has them",
            Code = bundle.Beside(
                "tables", Name, JsonSerializer.Serialize(environment.Tables, ContractJson.Default.IReadOnlyListTableDefinition)),
        })
    {
    }
}
