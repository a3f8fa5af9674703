using CdcDms.Local.Commands;
using CdcDms.Local.Views;

Screen.Open();
return await CommandRun.InvokeAsync(Verbs.Create(), args);
