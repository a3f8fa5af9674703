using System.ComponentModel;
using System.Diagnostics;
using CdcDms.Contract;

namespace CdcDms.Local.Services;

/// <summary>Starts scripts that lie beside this program in Node.js, with stdin, stdout and stderr as pipes.</summary>
internal static class NodeProcess
{
    /// <summary>Starts a script.</summary>
    /// <param name="need">Who needs Node, as a sentence begins: <c>The workflow needs</c>.</param>
    /// <param name="script">The script's path from the program's folder.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="CdcDmsException">There is no Node.</exception>
    public static Process Start(string need, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{need} Node.js 22 or newer, and no 'node' could be started: install it or put it on the PATH.",
                missing);
        }
    }
}
