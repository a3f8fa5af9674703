using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Tables;

/// <summary>The table definitions of the deployment, which a layer of the function brings as a file.</summary>
internal static class DeployedTables
{
    /// <summary>The definitions, good and bad ones.</summary>
    /// <exception cref="CdcDmsException">The file is missing or cannot be read, or no definition in it is right.</exception>
    public static async Task<TableList> ReadAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(FunctionEnvironment.Tables) is not { Length: > 0 } path)
            throw Missing("The function does not have " + FunctionEnvironment.Tables);
        try
        {
            return ContractJson.ReadTables(await File.ReadAllTextAsync(path, cancellationToken), "The list of deployed tables");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Missing($"The list of deployed tables {path} cannot be read ({fault.Message.TrimEnd('.')})", fault);
        }
    }

    private static CdcDmsException Missing(string what, Exception? inner = null) =>
        new(ErrorKind.Unavailable, $"{what}: deploy the environment again.", inner);
}
