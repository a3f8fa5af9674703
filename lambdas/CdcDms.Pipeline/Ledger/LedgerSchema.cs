using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>
/// The <c>cdc</c> schema of the analytics database: what was applied, when and with what result. Its form has a version, which
/// <see cref="LedgerMigration"/> raises step by step.
/// </summary>
internal static class LedgerSchema
{
    // A ledger of the time before versions has no table of versions; this index was the last thing that was made for such a ledger.
    private const string BeforeVersions = "cdc.quarantine_open";

    private static int Newest => LedgerMigration.All[^1].Version;

    /// <summary>For programs that write: creates the ledger, or brings an older one to the newest version.</summary>
    /// <exception cref="CdcDmsException">The ledger is newer than this program.</exception>
    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(connection, cancellationToken);
        if (version is null && await AreTakenAsync(connection, LedgerMigration.All, cancellationToken))
            return;
        await MigrateAsync(connection, version ?? await VersionAsync(connection, cancellationToken) ?? 0, cancellationToken);
    }

    /// <summary>For programs that write into a ledger only where there is one: brings an older ledger to the newest version.</summary>
    /// <returns>Whether there is a ledger.</returns>
    /// <exception cref="CdcDmsException">The ledger is newer than this program.</exception>
    public static async Task<bool> UpgradeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await VersionAsync(connection, cancellationToken) is not { } version)
            return false;
        await MigrateAsync(connection, version, cancellationToken);
        return true;
    }

    /// <summary>For programs that only look: they create nothing, and leave a ledger as it is.</summary>
    /// <returns>Whether there is a ledger.</returns>
    /// <exception cref="CdcDmsException">The ledger is newer or older than this program.</exception>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await VersionAsync(connection, cancellationToken) is not { } version)
            return false;
        RefuseNewer(version);
        return version == Newest
            ? true
            : throw new CdcDmsException(ErrorKind.BadData, $"{Older(version)}; run this again after it.");
    }

    /// <summary>For programs that only look, and can do so without the ledger until the next merge.</summary>
    /// <returns>That the ledger is older than this program, in words; null when it is not, or there is none.</returns>
    public static async Task<string?> OlderAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await VersionAsync(connection, cancellationToken) is { } version && version < Newest ? $"{Older(version)}." : null;

    /// <summary>Takes steps, each in a transaction of its own; one that another session has taken meanwhile is left out.</summary>
    public static async Task TakeAsync(
        NpgsqlConnection connection, IEnumerable<LedgerMigration> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            await AreTakenAsync(connection, [step], cancellationToken);
    }

    /// <summary>
    /// Takes steps in one transaction. A new ledger is made so: a later step would lock tables of which its readers know already.
    /// </summary>
    /// <returns>
    /// Whether they were taken; false when another session was faster, for which this one has waited under the creation lock.
    /// </returns>
    private static async Task<bool> AreTakenAsync(
        NpgsqlConnection connection, IReadOnlyList<LedgerMigration> steps, CancellationToken cancellationToken)
    {
        try
        {
            await CreationLock.ExecuteAsync(connection, string.Concat(steps.Select(step => step.Statements)), cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (LedgerMigration.IsTakenAlready(fault))
        {
            return false;
        }
    }

    /// <summary>The version of the ledger: null without a ledger, 0 for one of the time before versions.</summary>
    private static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (hasVersion, hasLedger) = await connection.SingleAsync(
            "SELECT to_regclass($1) IS NOT NULL, to_regclass($2) IS NOT NULL",
            row => (row.GetBoolean(0), row.GetBoolean(1)), cancellationToken, LedgerMigration.VersionTable, BeforeVersions);
        if (!hasVersion)
            return hasLedger ? 0 : null;
        return await connection.ScalarAsync<int>(
            $"SELECT coalesce(max(version), 0) FROM {LedgerMigration.VersionTable}", cancellationToken);
    }

    private static async Task MigrateAsync(NpgsqlConnection connection, int version, CancellationToken cancellationToken)
    {
        RefuseNewer(version);
        if (version < Newest)
            await TakeAsync(connection, LedgerMigration.All.Where(step => step.Version > version), cancellationToken);
    }

    private static string Older(int version) =>
        $"The ledger (schema cdc) has version {version} and this program reads version {Newest}: "
        + "the next merge of this program's release brings the ledger to that version";

    private static void RefuseNewer(int version)
    {
        if (version > Newest)
            throw new CdcDmsException(
                ErrorKind.BadData,
                $"The ledger (schema cdc) has version {version} and this program knows versions up to {Newest}: "
                + "deploy the newer functions, and use the tools of their release.");
    }
}
