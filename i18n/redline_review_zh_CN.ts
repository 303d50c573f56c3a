<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
 <context>
  <name>RedlineReview</name>
  <message>
   <source>If pip does not find them, remove the folders above, or take them off PYTHONPATH.</source>
   <translation>如果 pip 找不到它们，请删除上面列出的文件夹，或将其从 PYTHONPATH 中去掉。</translation>
  </message>
  <message>
   <source>Open Terminal, type this line, then restart QGIS:</source>
   <translation>请打开“终端”，输入下面这行命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Open the "OSGeo4W Shell" from the Start menu, type this line, then restart QGIS:</source>
   <translation>请从“开始”菜单打开“OSGeo4W Shell”，输入下面这行命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Red-line overlap…</source>
   <translation>三线套合分析…</translation>
  </message>
  <message>
   <source>Redline Review</source>
   <translation>三线审查</translation>
  </message>
  <message>
   <source>Redline Review cannot run here yet. These Python libraries are missing or too old: {names}.</source>
   <translation>三线审查暂时无法在此运行，以下 Python 库缺失或版本过低：{names}。</translation>
  </message>
  <message>
   <source>Redline Review does not start, because QGIS would crash. These Python libraries bring their own copies of GEOS, PROJ or GDAL, which do not go together with QGIS's:</source>
   <translation>为避免 QGIS 崩溃，三线审查未启动。以下 Python 库自带 GEOS、PROJ 或 GDAL，与 QGIS 所用的不能共存：</translation>
  </message>
  <message>
   <source>Redline Review does not start, because its results could be wrong or QGIS could crash:</source>
   <translation>三线审查未启动，否则结果可能出错，QGIS 也可能崩溃：</translation>
  </message>
  <message>
   <source>Remove what was installed beside QGIS, so that QGIS's own is used, then restart QGIS:</source>
   <translation>请卸载在 QGIS 之外另行安装的库，改用 QGIS 自带的库，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Replace them by ones that share QGIS's copies. Type this in a terminal, then restart QGIS:</source>
   <translation>请换成与 QGIS 共用这些组件的版本：在终端中输入以下命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Something unforeseen went wrong, and nothing was written ({kind}). The details are in the message log, tab "{tab}" (View &gt; Panels &gt; Log Messages): please send them to the developers.</source>
   <translation>发生了意料之外的错误，未写出任何结果（{kind}）。详细信息见日志消息面板的“{tab}”页（视图 &gt; 面板 &gt; 日志消息），请将其发给开发人员。</translation>
  </message>
  <message>
   <source>Type this in a terminal, then restart QGIS:</source>
   <translation>请在终端中输入以下命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>{library} uses {part} {here}, but QGIS uses {part} {in_qgis}</source>
   <translation>{library} 使用 {part} {here}，而 QGIS 使用 {part} {in_qgis}</translation>
  </message>
  <message>
   <source>… and {n} more of this kind: see data_issues in the review package.</source>
   <translation>……同类问题还有 {n} 个，见审查成果包的 data_issues 图层。</translation>
  </message>
 </context>
</TS>
