using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What the console answers about one table, and about values of rows: only where somebody asks for just these.</summary>
/// <param name="places">What it tells of.</param>
/// <param name="work">Knows the definitions.</param>
internal sealed class TableApi(ConsolePlaces places, CureWork work)
{
    /// <summary><c>/api/tables/NAME</c></summary>
    public async Task TableAsync(HttpContext http)
    {
        var target = ConsoleApi.Table(http);
        var detail = await places.Operations.AskAsync(new DetailRequest(target), http.RequestAborted);
        var (definition, fault) = places.HasDefinitions ? await DefinitionAsync(target, http.RequestAborted) : (null, null);
        CureOffer[] offers = places.MayOperate
            ? [.. CureOffers.Of(detail, definition is { MayBeProven: true }, places.ReloadAsync is not null)]
            : [];
        await ConsoleAnswers.JsonAsync(
            http, new ConsoleDetail(detail, definition, fault, places.MayOperate, offers), ConsoleJson.Default.ConsoleDetail);
    }

    /// <summary><c>/api/tables/NAME/places</c>: rows and waiting files, which takes as long as reading the table's files.</summary>
    public async Task PlacesAsync(HttpContext http)
    {
        var table = await work.DefinitionAsync(ConsoleApi.Table(http), http.RequestAborted);
        var read = await places.Operations.AskAsync(new PlacesRequest(table.Source.ToString()), http.RequestAborted);
        await ConsoleAnswers.JsonAsync(http, read, ConsoleJson.Default.TablePlaces);
    }

    /// <summary><c>/api/quarantine/NUMBER</c>: a change with its values.</summary>
    public async Task ChangeAsync(HttpContext http)
    {
        var text = (string?)http.Request.RouteValues["id"];
        if (!long.TryParse(text, CultureInfo.InvariantCulture, out var id))
            throw new CdcDmsException(ErrorKind.BadDefinition, $"A change has a number, and '{text}' is none.");
        var open = await places.Operations.AskAsync(new QuarantineRequest(id), http.RequestAborted);
        var change = open.Changes is [var found, ..] ? found
            : throw new CdcDmsException(ErrorKind.BadDefinition, $"The quarantine has no open change {id}.");
        await ConsoleAnswers.JsonAsync(http, change, ConsoleJson.Default.QuarantineEntry);
    }

    // A table that nobody defines, or nobody as it should, is shown as the ledger has it.
    private async Task<(TableDefinition? Definition, string? Fault)> DefinitionAsync(
        TableName target, CancellationToken cancellationToken)
    {
        try
        {
            var list = await places.Operations.AskAsync(new TablesRequest(), cancellationToken);
            var found = list.Tables.FirstOrDefault(table => table.TargetName == target);
            // A definition that cannot be used may be that of this table.
            return (found, found is null && list.Faults is [var fault, ..] ? fault.Message : null);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.BadDefinition)
        {
            return (null, fault.Message);
        }
    }
}

/// <summary><c>/api/tables/NAME</c></summary>
/// <param name="Table">The table.</param>
/// <param name="Definition">Its definition; null where the console does not know any.</param>
/// <param name="DefinitionFault">Why it does not; null where the definitions have no such table, or it was given none.</param>
/// <param name="MayOperate">Whether the console may cure.</param>
/// <param name="Cures">What can be done now.</param>
internal sealed record ConsoleDetail(
    TableDetail Table, TableDefinition? Definition, string? DefinitionFault, bool MayOperate, IReadOnlyList<CureOffer> Cures);
