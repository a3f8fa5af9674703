using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Proofs;

/// <summary>The statements by which a proof is judged, <c>$1</c>, whose first marker has the version <c>$2</c>.</summary>
/// <param name="session">The table.</param>
/// <param name="columns">The columns that the proof has.</param>
internal sealed class ProofSql(TargetSession session, IReadOnlyList<ProofColumn> columns)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);

    // The target has a name of ours in its own FROM, so its columns' names hide none of the names outside.
    private string Compared =>
        $"""
        SELECT cdc_proof.place, cdc_proof.key, cdc_proof.row IS NOT NULL AS expected, coalesce(cdc_row.lives, false) AS found,
            coalesce(greatest(cdc_row.version, cdc_gone.{Version}) > $2, false) OR {MayBeLoadedSince} AS is_newer,
            EXISTS (
                SELECT FROM cdc.quarantine cdc_aside WHERE cdc_aside.table_id = {session.Ledger.Id} AND cdc_aside.closed_at IS NULL
                    AND cdc_aside.reason <> 'late' AND {Match(column => Given("cdc_aside.key", column))}) AS is_explained,
            CASE WHEN cdc_proof.row IS NOT NULL AND cdc_row.lives
                THEN array_remove(ARRAY[{string.Join(", ", Different)}]::text[], NULL) ELSE ARRAY[]::text[] END AS columns
        FROM cdc.proof_rows cdc_proof
        LEFT JOIN LATERAL (
            SELECT {Lives} AS lives, {HighestVersion} AS version{Texts} FROM {Sql.Identifier(session.Target.Name)} AS cdc_table
            WHERE {Match(column => Sql.Identifier(column.To))}) cdc_row ON true
        LEFT JOIN {Sql.Identifier(session.Ledger.Tombstones)} cdc_gone ON {Match(column => $"cdc_gone.{Sql.Identifier(column.To)}")}
        WHERE cdc_proof.proof_id = $1
        """;

    /// <summary>
    /// Judges, and records the differences. Of each row of the proof: place, whether it changed after the marker, whether it has an open
    /// quarantined change, and the kind of the difference, if any.
    /// </summary>
    public string Judge =>
        $"""
        WITH compared AS MATERIALIZED ({Compared}),
        judged AS MATERIALIZED (
            SELECT *, CASE
                WHEN is_newer OR is_explained THEN NULL
                WHEN expected AND NOT found THEN 'Missing'
                WHEN found AND NOT expected THEN 'Extra'
                WHEN cardinality(columns) > 0 THEN 'Changed' END AS kind
            FROM compared),
        told AS (
            INSERT INTO cdc.differences (proof_id, place, key, kind, columns)
            SELECT $1, place, key, kind, columns FROM judged WHERE kind IS NOT NULL)
        SELECT place, is_newer, is_explained, kind FROM judged ORDER BY place
        """;

    /// <summary>The statements that merge rows of the proof.</summary>
    public MergeSql Merge(TableRecord record) => new(
        session.Target, session.Ledger.Tombstones, Staged, record, new StagingForm(IsNumbered: true));

    /// <summary>Stages the rows <c>$2</c> of the proof <c>$1</c> as changes of the version <c>$3</c>, committed at <c>$4</c>.</summary>
    public string Stage(MergeSql merge)
    {
        var texts = Staged.Select(column => $"coalesce(p.row, p.key) ->> {Sql.Literal(column.Target.To)}");
        return $"INSERT INTO {StagingSql.Table} ({merge.Staging.Names}) SELECT {string.Join(", ", texts)}, "
            + $"{(session.Target.HasRegisters ? "true, " : "")}p.row IS NULL, $3, $4::timestamp, p.place "
            + "FROM cdc.proof_rows p WHERE p.proof_id = $1 AND p.place = ANY ($2)";
    }

    /// <summary>Closes the late changes of the rows <c>$2</c> of the proof <c>$1</c> that are not above the version <c>$3</c>.</summary>
    public string CloseLate =>
        $"""
        UPDATE cdc.quarantine cdc_aside SET closed_at = clock_timestamp(), closed_by = 'superseded' FROM cdc.proof_rows cdc_proof
        WHERE cdc_proof.proof_id = $1 AND cdc_proof.place = ANY ($2) AND cdc_aside.table_id = {session.Ledger.Id}
            AND cdc_aside.closed_at IS NULL AND cdc_aside.reason = 'late' AND cdc_aside.version <= $3
            AND {Match(column => Given("cdc_aside.key", column))}
        """;

    // A row that a full load brought after the read may be newer at the source than what was read, although its version is old. That a
    // load came is forgotten when a comparison that began later has found all rows right.
    private static string MayBeLoadedSince =>
        $"""
        (coalesce(cdc_row.lives AND cdc_row.version % {ChangeVersion.FullLoad(1).Value} = 0, false) AND EXISTS (
            SELECT FROM cdc.proofs cdc_read JOIN cdc.tables cdc_proven ON cdc_proven.id = cdc_read.table_id
            LEFT JOIN cdc.unproven cdc_cause ON cdc_cause.table_id = cdc_read.table_id AND cdc_cause.cause = '{UnprovenCause.Loaded}'
            WHERE cdc_read.id = $1 AND (cdc_cause.since > cdc_read.asked_at OR cdc_proven.proven_at > cdc_read.asked_at)))
        """;

    private IReadOnlyList<StagedColumn> Staged { get; } =
    [
        .. session.Target.Columns.Index()
            .Where(item => columns.Any(column => column.Name == item.Item.To && column.Comparison is not ProofComparison.None))
            .Select(item => new StagedColumn(item.Item, $"c{item.Index}", "text", item.Item.NullMayMeanUnchanged)),
    ];

    private string Lives => session.Target.SoftDeletes ? $"{DeleteVersion} IS NULL" : "true";

    private string HighestVersion => session.Target.SoftDeletes ? $"greatest({Version}, {DeleteVersion})" : Version;

    private IEnumerable<(string Name, string Text, string Alias)> Values => columns.Index()
        .Where(item => item.Item.Comparison is not ProofComparison.None)
        .Select(item => (item.Item.Name, Text(item.Item), $"v{item.Index}"));

    private string Texts => string.Concat(Values.Select(value => $", {value.Text} AS {value.Alias}"));

    private IEnumerable<string> Different => Values.Select(value =>
        $"CASE WHEN cdc_row.{value.Alias} COLLATE \"C\" IS DISTINCT FROM cdc_proof.row ->> {Sql.Literal(value.Name)} "
        + $"THEN {Sql.Literal(value.Name)} END");

    private static string Text(ProofColumn column)
    {
        var name = Sql.Identifier(column.Name);
        return column.Comparison switch
        {
            ProofComparison.TrimmedNumber => $"trim_scale({name})::text",
            ProofComparison.TrimmedText => $"rtrim({name}::text, ' ')",
            _ => $"{name}::text",
        };
    }

    private string Match(Func<TargetColumn, string> other) =>
        string.Join(" AND ", session.Target.Key.Select(column => $"{other(column)} = {Given("cdc_proof.key", column)}"));

    private static string Given(string key, TargetColumn column) =>
        $"CAST({key} ->> {Sql.Literal(column.To)} AS {column.CastType}){column.Collate}";
}
