using CdcDms.Contract;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Remote;

/// <summary>Does what an operator asks for, wherever the databases are.</summary>
internal interface IOperations
{
    /// <summary>The analytics database, as a person calls it.</summary>
    string Analytics { get; }

    /// <summary>The option that says where the analytics database is.</summary>
    string Given { get; }

    /// <summary>Does what is asked.</summary>
    /// <exception cref="CdcDmsException">It could not be done.</exception>
    Task<TReport> AskAsync<TReport>(OperateRequest<TReport> request, CancellationToken cancellationToken);
}
