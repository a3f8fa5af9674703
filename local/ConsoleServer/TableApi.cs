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
        var definition = places.HasDefinitions ? await DefinitionAsync(target, http.RequestAborted) : null;
        CureOffer[] offers = places.MayOperate
            ? [.. CureOffers.Of(detail, definition is { MayBeProven: true }, places.ReloadAsync is not null)]
            : [];
        await ConsoleAnswers.JsonAsync(
            http, new ConsoleDetail(detail, definition, places.MayOperate, offers), ConsoleJson.Default.ConsoleDetail);
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

    // A table that nobody defines is shown as the ledger has it.
    private async Task<TableDefinition?> DefinitionAsync(TableName target, CancellationToken cancellationToken)
    {
        try
        {
            return await work.DefinitionAsync(target, cancellationToken);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.BadDefinition)
        {
            return null;
        }
    }
}

/// <summary><c>/api/tables/NAME</c></summary>
/// <param name="Table">The table.</param>
/// <param name="Definition">Its definition; null where the console does not know any.</param>
/// <param name="MayOperate">Whether the console may cure.</param>
/// <param name="Cures">What can be done now.</param>
internal sealed record ConsoleDetail(
    TableDetail Table, TableDefinition? Definition, bool MayOperate, IReadOnlyList<CureOffer> Cures);
