<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
 <context>
  <name>RedlineReview</name>
  <message>
   <source>3 are millimetres.</source>
   <translation>3 位即精确到毫米。</translation>
  </message>
  <message>
   <source>A Chinese typeface of this computer is chosen where left empty.</source>
   <translation>留空时自动选用本机的中文字体。</translation>
  </message>
  <message>
   <source>A DXF file.</source>
   <translation>DXF 文件。</translation>
  </message>
  <message>
   <source>A drawing states none. Told by the zone number before the eastings where left empty.</source>
   <translation>图形不注明坐标系。留空时按横坐标前的带号判断。</translation>
  </message>
  <message>
   <source>A field of the towns, or by name a column of the table of figures. Found by the names in the rules where left empty.</source>
   <translation>审查对象图层的字段，或统计数据表中的列名。留空时按规则中的常用名称识别。</translation>
  </message>
  <message>
   <source>A file for each plot, named by its number.</source>
   <translation>每个地块一个文件，以地块编号命名。</translation>
  </message>
  <message>
   <source>A file that was exported from the same package or an earlier run of it.</source>
   <translation>由同一成果包或其此前成果导出的文件。</translation>
  </message>
  <message>
   <source>A finding on a line that the new review did not check in all of the town is marked not checked, never gone. Towns that only one of the reviews has are marked as such.</source>
   <translation>新审查未对整个审查对象核查某控制线的，其图斑标为未核查，绝不标为已消除。仅一次审查中有的审查对象另行标明。</translation>
  </message>
  <message>
   <source>A layer is shown, to look at: decisions are kept in review packages.</source>
   <translation>当前显示的是图层，仅供查看：处理决定保存在审查成果包中。</translation>
  </message>
  <message>
   <source>A layer that is transformed gets it, unless you choose otherwise.</source>
   <translation>经坐标转换的图层默认带带号，除非另行选择。</translation>
  </message>
  <message>
   <source>A multipolygon per plot.</source>
   <translation>每个地块一个面。</translation>
  </message>
  <message>
   <source>A newer version of the plugin made this package; it can only be read.</source>
   <translation>该成果包由更新版本的插件生成，只能查看。</translation>
  </message>
  <message>
   <source>A package that is there already is refilled: its decisions and finding numbers stay, and findings are marked new, grown, shrunk or gone.</source>
   <translation>已有的成果包会被更新：处理决定和图斑编号保留，图斑标注新增、扩大、缩小或已消除。</translation>
  </message>
  <message>
   <source>A page with the numbers by layer and kind, the advice, and the issues one by one.</source>
   <translation>网页：按图层和问题类型的数量、处理建议及问题清单。</translation>
  </message>
  <message>
   <source>A point for each issue, without geometry where it has no place: layer, feature, kind, what to do.</source>
   <translation>每个问题一个点，没有位置的问题无图形：图层、要素、问题类型、处理建议。</translation>
  </message>
  <message>
   <source>A review package as a document, a workbook and a page: conclusions, tables, charts, decisions.</source>
   <translation>由审查成果包生成文档、工作簿和网页：审查结论、各类表格、图表和处理决定。</translation>
  </message>
  <message>
   <source>A review package to compare with: what is new, gone, grown or shrunk since.</source>
   <translation>用于对比的前次审查成果包：列出其后新增、已消除、扩大或缩小的图斑。</translation>
  </message>
  <message>
   <source>A row for each decision: the number or id of the finding, the decision (open, needs adjustment, accepted exception, false positive, resolved, verified, undone), and its reason, legal basis, author and facts. Undone takes back the author's own last decision on the finding, or confirmation; it stays in the history. All rows are recorded or none. Decisions are only ever added, and change the reviewed verdict alone.</source>
   <translation>每条决定一行：图斑编号或标识、处理决定（待处理、需调整、已批准占用、误判、已整改、复核通过、撤销），以及理由、依据、审查人和有关要件。“撤销”收回审查人本人对该图斑的最近一次决定或复核，记录仍保留在历史中。全部记录或全部不记录。决定只增不改，只影响审定结论。</translation>
  </message>
  <message>
   <source>A row for each town, joined by its id or name: a table, a workbook or a text file (its encoding is found). Its columns come before the towns' own fields of the same choice.</source>
   <translation>每个审查对象一行，按编号或名称关联：可为表、工作簿或文本文件（自动识别编码）。表中的列优先于审查对象图层的同名字段。</translation>
  </message>
  <message>
   <source>A row per town and code: area, net area and share, with what is not covered.</source>
   <translation>每个审查对象、每个地类编码一行：面积、净面积和比例，并列出未覆盖部分。</translation>
  </message>
  <message>
   <source>A row per town and indicator: value, unit, source, share covered, difference, why it is missing.</source>
   <translation>每个审查对象、每项指标一行：数值、单位、来源、覆盖率、两源差异及缺失原因。</translation>
  </message>
  <message>
   <source>A row per town and rule: figure, threshold, result and clause.</source>
   <translation>每个审查对象、每条规则一行：指标值、标准、结果和依据。</translation>
  </message>
  <message>
   <source>A row per town with both verdicts, then a row per line: areas, land won and lost, number of changes.</source>
   <translation>每个审查对象一行列两次结论，其后每条控制线一行：面积、增加与减少面积、各类变化数。</translation>
  </message>
  <message>
   <source>A sheet of all towns by their reviewed verdict, before the others.</source>
   <translation>在其他图幅之前，按审定结论表示全部审查对象的总览图。</translation>
  </message>
  <message>
   <source>A text file (JSON), small enough for an e-mail.</source>
   <translation>文本文件（JSON），可随邮件发送。</translation>
  </message>
  <message>
   <source>A3 is usual in meetings.</source>
   <translation>会议常用 A3。</translation>
  </message>
  <message>
   <source>About</source>
   <translation>概况</translation>
  </message>
  <message>
   <source>Adds a colleague's decisions to a review package: nothing twice, nothing lost.</source>
   <translation>把同事的处理决定合并到审查成果包：不重复、不丢失。</translation>
  </message>
  <message>
   <source>Administrative unit: statistics only, no verdict</source>
   <translation>行政区：只作统计，不下结论</translation>
  </message>
  <message>
   <source>All plots in one file.</source>
   <translation>全部地块写入一个文件。</translation>
  </message>
  <message>
   <source>All that lies on the table at the meeting, in one zip file with an index page.</source>
   <translation>会上所需全部材料，含目录页，打包为一个 zip 文件。</translation>
  </message>
  <message>
   <source>An earlier version of the plugin made this package; it can only be read.</source>
   <translation>该成果包由旧版本插件生成，只能查看。</translation>
  </message>
  <message>
   <source>Annotated map sheets of a review package: a sheet for each town, and an overview.</source>
   <translation>由审查成果包制作图件：每个审查对象一幅，另附总览图。</translation>
  </message>
  <message>
   <source>Answered by</source>
   <translation>填写人</translation>
  </message>
  <message>
   <source>Approved area ({unit})</source>
   <translation>批准面积（{unit}）</translation>
  </message>
  <message>
   <source>Approved area field (m²)</source>
   <translation>批准面积字段（平方米）</translation>
  </message>
  <message>
   <source>Approved by</source>
   <translation>批准机关</translation>
  </message>
  <message>
   <source>Approved on</source>
   <translation>批准日期</translation>
  </message>
  <message>
   <source>Area</source>
   <translation>面积</translation>
  </message>
  <message>
   <source>Area that the line layers cover</source>
   <translation>控制线数据的覆盖范围</translation>
  </message>
  <message>
   <source>Area ≥</source>
   <translation>面积 ≥</translation>
  </message>
  <message>
   <source>Areas</source>
   <translation>面积算法</translation>
  </message>
  <message>
   <source>Areas of data issues</source>
   <translation>数据质检问题范围</translation>
  </message>
  <message>
   <source>As in the layer's CRS</source>
   <translation>与图层坐标系一致</translation>
  </message>
  <message>
   <source>Attachment</source>
   <translation>附件</translation>
  </message>
  <message>
   <source>Author</source>
   <translation>编制人</translation>
  </message>
  <message>
   <source>Author of rows that name none</source>
   <translation>未注明填写人的行由谁填写</translation>
  </message>
  <message>
   <source>Boundary points (*.txt *.TXT)</source>
   <translation>界址点文件 (*.txt *.TXT)</translation>
  </message>
  <message>
   <source>Boundary-point files</source>
   <translation>界址点文件</translation>
  </message>
  <message>
   <source>Boundary-point files (*.txt)</source>
   <translation>界址点文件 (*.txt)</translation>
  </message>
  <message>
   <source>Boundary-point files of the land survey as a layer of polygons, with all that they say.</source>
   <translation>将勘测定界界址点 TXT 文件导入为面图层，保留文件中的全部信息。</translation>
  </message>
  <message>
   <source>Buildings</source>
   <translation>建筑物</translation>
  </message>
  <message>
   <source>By the town's shape</source>
   <translation>按审查对象形状</translation>
  </message>
  <message>
   <source>By when</source>
   <translation>整改期限</translation>
  </message>
  <message>
   <source>CRS of files that do not tell theirs</source>
   <translation>未注明坐标系的文件所用坐标系</translation>
  </message>
  <message>
   <source>CRS of the drawing</source>
   <translation>图形的坐标系</translation>
  </message>
  <message>
   <source>Changed since this run: {sources}.</source>
   <translation>本次审查后以下数据已变化：{sources}。</translation>
  </message>
  <message>
   <source>Changes by town and line</source>
   <translation>按审查对象和控制线的变化</translation>
  </message>
  <message>
   <source>Changes of findings</source>
   <translation>图斑变化</translation>
  </message>
  <message>
   <source>Check layers</source>
   <translation>数据质检</translation>
  </message>
  <message>
   <source>Check layers…</source>
   <translation>数据检查…</translation>
  </message>
  <message>
   <source>Check the layers first</source>
   <translation>先做数据质检</translation>
  </message>
  <message>
   <source>Check, {level}: {kind}, {layer}: {n}</source>
   <translation>质检（{level}）：{kind}，{layer}：{n} 条</translation>
  </message>
  <message>
   <source>Checklist</source>
   <translation>核对清单</translation>
  </message>
  <message>
   <source>Choose a town to answer the questions on it.</source>
   <translation>请先选择一个审查对象，再填写核对清单。</translation>
  </message>
  <message>
   <source>Choose at least one format.</source>
   <translation>请至少选择一种格式。</translation>
  </message>
  <message>
   <source>Choose it where names come out garbled.</source>
   <translation>名称出现乱码时请指定。</translation>
  </message>
  <message>
   <source>Choose one town first.</source>
   <translation>请先选择一个审查对象。</translation>
  </message>
  <message>
   <source>Chosen as “{parameter}”: {layer}.</source>
   <translation>已选为“{parameter}”：{layer}。</translation>
  </message>
  <message>
   <source>Class system of the earlier land use</source>
   <translation>前期现状的分类标准</translation>
  </message>
  <message>
   <source>Class system of the planned land use</source>
   <translation>规划用地的分类标准</translation>
  </message>
  <message>
   <source>Classes of land cover. Each pixel counts by the exact share that lies in the town, with its true area; the raster is never resampled. What has no data, or is cloud, is reported as not covered.</source>
   <translation>土地覆盖分类栅格。每个像元按落入审查对象的精确比例和真实面积计算，栅格不做重采样。无数据或云覆盖部分按未覆盖列出。</translation>
  </message>
  <message>
   <source>Clear filters</source>
   <translation>清除筛选</translation>
  </message>
  <message>
   <source>Click a finding on the map</source>
   <translation>在地图上点选图斑</translation>
  </message>
  <message>
   <source>Closed lines and polygons of a drawing as a layer of plots.</source>
   <translation>把图形中的闭合线和面导入为地块图层。</translation>
  </message>
  <message>
   <source>Code field of the earlier land use</source>
   <translation>前期现状的地类编码字段</translation>
  </message>
  <message>
   <source>Code field of the existing land use</source>
   <translation>现状的地类编码字段</translation>
  </message>
  <message>
   <source>Code field of the planned land use</source>
   <translation>规划用地的编码字段</translation>
  </message>
  <message>
   <source>Code of the land use class (地类编码).</source>
   <translation>地类编码。</translation>
  </message>
  <message>
   <source>Columns: number or finding_id, decision; reason, legal_basis, author, remark; for exceptions authority, authority_level, document, approved_on, approved_m2, valid_until (a date, or 长期: permanent). Chinese names do too.</source>
   <translation>列：图斑编号、处理决定；理由、依据、审查人、备注；已批准占用另需批准机关、批准层级、批准文号、批准日期、批准面积、有效期至（日期或“长期”）。也可用英文列名。</translation>
  </message>
  <message>
   <source>Compare two reviews</source>
   <translation>两次审查对比</translation>
  </message>
  <message>
   <source>Compare with another run…</source>
   <translation>与另一次审查对比…</translation>
  </message>
  <message>
   <source>Compares two review packages. Findings are recognised as in a re-run: by their land first, then by their id, so that sources numbered anew, split or merged do no harm.</source>
   <translation>对比两个审查成果包。图斑按重新审查的规则识别：先看位置范围，再看标识，因此来源图斑重新编号、分割或合并均不影响识别。</translation>
  </message>
  <message>
   <source>Comparing the findings of both reviews</source>
   <translation>正在对比两次审查的图斑</translation>
  </message>
  <message>
   <source>Conclusions, summary, each line, area ledger, findings with decisions, land use, intensity with bar charts, town rules, checklist, rectification list, data issues, and what the review rests on.</source>
   <translation>包括审查结论、结果汇总、各控制线情况、面积核算表、疑似问题图斑及处理决定、地类构成、土地利用强度及图表、特色小镇指标、核对清单、整改清单、数据质检问题以及审查依据。</translation>
  </message>
  <message>
   <source>Confidential</source>
   <translation>涉密</translation>
  </message>
  <message>
   <source>Construction land that was none at that date is proven new construction.</source>
   <translation>当时不是、现在是建设用地的部分，即已证实的新增建设。</translation>
  </message>
  <message>
   <source>Copied to {name}.</source>
   <translation>已复制到 {name}。</translation>
  </message>
  <message>
   <source>Copy of the package…</source>
   <translation>复制成果包…</translation>
  </message>
  <message>
   <source>Copy the package to</source>
   <translation>成果包复制到</translation>
  </message>
  <message>
   <source>Crossed themselves and were repaired (handles): {handles}.</source>
   <translation>自相交已修复（句柄）：{handles}。</translation>
  </message>
  <message>
   <source>Data exchange</source>
   <translation>数据交换</translation>
  </message>
  <message>
   <source>Data issues</source>
   <translation>数据质检问题</translation>
  </message>
  <message>
   <source>Decide</source>
   <translation>处理决定</translation>
  </message>
  <message>
   <source>Decided by</source>
   <translation>填写人</translation>
  </message>
  <message>
   <source>Decides how strictly an overlap is judged. Within a site every occupied patch counts; a planned area may touch a line; an administrative unit gets figures but no verdict.</source>
   <translation>决定占用判定的严格程度：用地范围内每个占用图斑都计入；规划范围可以涉及控制线；行政区只出数据，不下结论。</translation>
  </message>
  <message>
   <source>Decimals of coordinates</source>
   <translation>坐标小数位数</translation>
  </message>
  <message>
   <source>Decision</source>
   <translation>处理决定</translation>
  </message>
  <message>
   <source>Decisions (*.json)</source>
   <translation>处理决定 (*.json)</translation>
  </message>
  <message>
   <source>Decisions and finding numbers are carried over; findings are marked new, grown, shrunk or gone.</source>
   <translation>沿用其中的审查决定和图斑编号，并标明图斑为新增、扩大、缩小或已消除。</translation>
  </message>
  <message>
   <source>Decisions of a colleague…</source>
   <translation>合并同事的处理决定…</translation>
  </message>
  <message>
   <source>Decisions that are there already are left alone. Where you and your colleague have decided differently on a finding, both stay in its history, the finding is named here, and neither decision counts until one of you decides anew.</source>
   <translation>已有的决定保持不变。两人对同一图斑决定不一致时，双方记录都保留，并在此列出该图斑；重新作出决定之前两者均不生效。</translation>
  </message>
  <message>
   <source>Decisions to a file…</source>
   <translation>导出处理决定…</translation>
  </message>
  <message>
   <source>Declared areas and point counts are compared with the points. Rings that cross themselves are reported and repaired in the layer, the file stays as it is. What cannot be used is listed with file, line and plot, and left out; the other plots come in.</source>
   <translation>填报面积和界址点数与界址点逐一核对。自相交的圈会提示并在图层中修复，原文件不变。无法使用的内容按文件、行号和地块列出，不予导入，其余地块照常导入。</translation>
  </message>
  <message>
   <source>Declared start of construction</source>
   <translation>申报的开工时间</translation>
  </message>
  <message>
   <source>Detect</source>
   <translation>自动识别</translation>
  </message>
  <message>
   <source>Divided by the height of a floor in the rules (3 m) where there is no number of floors.</source>
   <translation>没有层数时，按规则中的层高（3 米）由高度推算。</translation>
  </message>
  <message>
   <source>Document (.docx)</source>
   <translation>文档（.docx）</translation>
  </message>
  <message>
   <source>Document number</source>
   <translation>批准文号</translation>
  </message>
  <message>
   <source>Does not touch your own template.</source>
   <translation>对自定义模板不起作用。</translation>
  </message>
  <message>
   <source>Drawing</source>
   <translation>图形文件</translation>
  </message>
  <message>
   <source>Drawings (*.dxf *.DXF *.dwg *.DWG)</source>
   <translation>图形文件 (*.dxf *.DXF *.dwg *.DWG)</translation>
  </message>
  <message>
   <source>Each closed line and each hatched area becomes a polygon that keeps its layer, colour and the text that stands in it. One inside another of the same layer is a hole. DWG drawings cannot be read: ask the sender to save them as DXF.</source>
   <translation>每条闭合线、每个填充区成为一个面，保留其图层、颜色及其中的文字。同一图层中位于另一面内的作为洞。DWG 无法读取，请提供方另存为 DXF。</translation>
  </message>
  <message>
   <source>Each feature becomes a plot.</source>
   <translation>每个要素写为一个地块。</translation>
  </message>
  <message>
   <source>Each sheet shows a town with the three lines in their official colours, its findings hatched and numbered, the table of findings, the conclusion, both verdicts, intensity, legend, scale and place.</source>
   <translation>每幅图以规定颜色表示三条控制线，图斑加晕线并编号，附图斑表、结论、机审与审定结论、节约集约利用指标、图例、比例尺和位置示意。</translation>
  </message>
  <message>
   <source>Earlier review</source>
   <translation>前次审查</translation>
  </message>
  <message>
   <source>Earlier review package</source>
   <translation>上一次的审查成果包</translation>
  </message>
  <message>
   <source>Ecological redline</source>
   <translation>生态保护红线</translation>
  </message>
  <message>
   <source>Encoding</source>
   <translation>编码</translation>
  </message>
  <message>
   <source>Encoding of Shapefiles that do not state theirs</source>
   <translation>未注明编码的 Shapefile 所用编码</translation>
  </message>
  <message>
   <source>Errors have to be mended before a review can be relied on. Warnings change figures or findings. Notices are worth a look. Of one kind in a layer a thousand are listed, and all are counted.</source>
   <translation>“错误”须先改正，审查结果才可靠；“警告”会影响面积或图斑；“提示”宜查看。每个图层每类问题最多列出一千条，数量全部统计。</translation>
  </message>
  <message>
   <source>Every finding is new, grown, shrunk, unchanged or gone, with its severity, area and decision in either review. Won is land that only the new finding covers, lost is land that only the old one covered.</source>
   <translation>每个图斑标为新增、扩大、缩小、未变化或已消除，并列出两次审查中的等级、面积和处理决定。“增加”为仅新图斑覆盖的土地，“减少”为仅旧图斑覆盖的土地。</translation>
  </message>
  <message>
   <source>Every indicator says where it is from and how much of the town its source covers. What cannot be known is empty, never 0, and says why. Where two sources give the same indicator both are shown with their difference.</source>
   <translation>每项指标注明来源及来源覆盖率。无法得知的留空而不记为 0，并说明原因。同一指标有两个来源时，并列显示并给出差异。</translation>
  </message>
  <message>
   <source>Every overlap becomes a finding: a polygon with its number, severity, area, width and the rule behind it. Pieces below tolerance are listed with their total, never dropped.</source>
   <translation>每处占用生成一个疑似问题图斑，附图斑编号、严重程度、面积、宽度及所依据的条款。容差内的细碎图斑汇总列出，绝不丢弃。</translation>
  </message>
  <message>
   <source>Evidence</source>
   <translation>佐证材料</translation>
  </message>
  <message>
   <source>Existing land use</source>
   <translation>现状地类</translation>
  </message>
  <message>
   <source>Existing land use at an earlier date</source>
   <translation>前期现状地类</translation>
  </message>
  <message>
   <source>Export</source>
   <translation>导出</translation>
  </message>
  <message>
   <source>Export boundary-point TXT</source>
   <translation>导出界址点 TXT</translation>
  </message>
  <message>
   <source>Export decisions</source>
   <translation>导出处理决定</translation>
  </message>
  <message>
   <source>Feature of the line</source>
   <translation>控制线图斑属性</translation>
  </message>
  <message>
   <source>Field that identifies a feature for good. As in the rules (BSM) where left empty.</source>
   <translation>能长期唯一标识图斑的字段。留空时按规则文件（BSM）。</translation>
  </message>
  <message>
   <source>Field that identifies each town, without gaps or duplicates. The feature id where left empty.</source>
   <translation>唯一标识每个审查对象的字段，不得有空值或重复。留空时用要素编号。</translation>
  </message>
  <message>
   <source>Field with the approved or registered area in m². It is shown beside the computed areas.</source>
   <translation>批准面积或登记面积字段，单位平方米，与计算面积并列显示。</translation>
  </message>
  <message>
   <source>Field with the class code</source>
   <translation>地类编码字段</translation>
  </message>
  <message>
   <source>Field with the codes of land use. Found by its usual names (DLBM, YDYHFLDM …) where left empty.</source>
   <translation>地类编码字段。留空时按常用名称（DLBM、YDYHFLDM 等）识别。</translation>
  </message>
  <message>
   <source>Field with the height (m)</source>
   <translation>高度字段（米）</translation>
  </message>
  <message>
   <source>Field with the kind</source>
   <translation>类型字段</translation>
  </message>
  <message>
   <source>Field with the line a coverage polygon is for</source>
   <translation>覆盖范围所属控制线的字段</translation>
  </message>
  <message>
   <source>Field with the name shown in tables, on maps and in reports. The id where left empty.</source>
   <translation>在表格、图件和报告中显示的名称字段。留空时用标识。</translation>
  </message>
  <message>
   <source>Field with the number of floors</source>
   <translation>层数字段</translation>
  </message>
  <message>
   <source>Field with the plot's name</source>
   <translation>地块名称字段</translation>
  </message>
  <message>
   <source>Field with the plot's number</source>
   <translation>地块编号字段</translation>
  </message>
  <message>
   <source>Field with the plot's use</source>
   <translation>地块用途字段</translation>
  </message>
  <message>
   <source>Field with the zone of a feature. Found by the names in the rules where left empty.</source>
   <translation>图斑所属分区的字段。留空时按规则文件中列出的字段名查找。</translation>
  </message>
  <message>
   <source>Field: {figure}</source>
   <translation>字段：{figure}</translation>
  </message>
  <message>
   <source>File of decisions</source>
   <translation>处理决定文件</translation>
  </message>
  <message>
   <source>Files of several zones come in together, in the CRS of the first plot, and the others are transformed point by point. Where nothing reliable leads from one datum to the other (Xian 1980, Beijing 1954), they are left out: import them by themselves.</source>
   <translation>不同投影带的文件可一并导入：图层采用首个地块的坐标系，其余地块逐点转换。不同基准（1980西安、1954北京）之间没有可靠转换的地块不导入，请单独导入这些文件。</translation>
  </message>
  <message>
   <source>Filters</source>
   <translation>筛选</translation>
  </message>
  <message>
   <source>Findings</source>
   <translation>疑似问题图斑</translation>
  </message>
  <message>
   <source>Findings of a layer, to look at</source>
   <translation>查看图层中的图斑</translation>
  </message>
  <message>
   <source>Findings on which nothing is decided</source>
   <translation>尚未作出决定的图斑</translation>
  </message>
  <message>
   <source>First open the review package that these decisions belong to.</source>
   <translation>请先打开这些处理决定所属的审查成果包。</translation>
  </message>
  <message>
   <source>Flash what is selected</source>
   <translation>选中时闪烁</translation>
  </message>
  <message>
   <source>Folder</source>
   <translation>文件夹</translation>
  </message>
  <message>
   <source>Folder of files</source>
   <translation>输出文件夹</translation>
  </message>
  <message>
   <source>Folder of maps</source>
   <translation>图件文件夹</translation>
  </message>
  <message>
   <source>Footprints, for building coverage and floor area ratio. Where they overlap the land counts once.</source>
   <translation>建筑基底，用于计算建筑密度和容积率。重叠部分只计一次。</translation>
  </message>
  <message>
   <source>For Shapefiles without a .cpg file whose texts come out garbled: GBK, for most Chinese deliveries. Layers that are filtered, selected or edited keep the encoding set in their properties.</source>
   <translation>用于没有 .cpg 文件、文字显示为乱码的 Shapefile，国内成果一般填 GBK。已筛选、已选择或正在编辑的图层仍按其图层属性中设置的编码读取。</translation>
  </message>
  <message>
   <source>For files whose zone stands neither in the header nor before the eastings, and for local coordinate systems. What a file does tell goes first.</source>
   <translation>用于文件头和 Y 坐标均无带号的文件以及地方坐标系。文件已注明的内容优先。</translation>
  </message>
  <message>
   <source>For the meeting</source>
   <translation>上会材料</translation>
  </message>
  <message>
   <source>Format</source>
   <translation>格式</translation>
  </message>
  <message>
   <source>Formats</source>
   <translation>格式</translation>
  </message>
  <message>
   <source>Found are: no or doubtful CRS (zone number, degrees and metres, datum); broken, empty and duplicate geometry, slivers and spikes; overlaps within a layer, between control lines and between towns, and gaps between towns; codes that are missing, duplicate or malformed; declared areas that differ from the official area; garbled text with its right encoding; towns that the data do not reach.</source>
   <translation>检查内容：坐标系缺失或可疑（带号、度与米、基准）；图形无效、为空、重复，细碎面和尖锐角；图层内、控制线间、审查对象间的重叠，审查对象间的空隙；编码缺失、重复、不符；登记面积与椭球面积不符；文字乱码及其正确编码；数据未覆盖的审查对象。</translation>
  </message>
  <message>
   <source>Further control lines</source>
   <translation>其他控制线</translation>
  </message>
  <message>
   <source>GDP</source>
   <translation>地区生产总值</translation>
  </message>
  <message>
   <source>Give what you have. What the data do not allow is listed as not checked or no data, never as clear. The town rules stand in a column of their own and never change the verdict on the lines.</source>
   <translation>有什么数据就用什么数据。数据不足之处列为未核查或无数据，绝不记为通过。特色小镇指标单列，不影响三线机审结论。</translation>
  </message>
  <message>
   <source>Go on in a copy</source>
   <translation>在副本中继续</translation>
  </message>
  <message>
   <source>Green cover (%)</source>
   <translation>绿化覆盖率（%）</translation>
  </message>
  <message>
   <source>History</source>
   <translation>历史记录</translation>
  </message>
  <message>
   <source>Holds the id or name of a line. A polygon where it is empty covers all lines.</source>
   <translation>填写控制线的标识或名称；为空的面适用于全部控制线。</translation>
  </message>
  <message>
   <source>How much of each town lies on the red lines, with a verdict and every finding.</source>
   <translation>核算每个审查对象占用控制线的面积，给出机审结论和每个疑似问题图斑。</translation>
  </message>
  <message>
   <source>How sparingly each town uses its land, from land use, land cover, buildings and figures.</source>
   <translation>由地类、土地覆盖、建筑物和统计数据测算每个审查对象的土地节约集约利用水平。</translation>
  </message>
  <message>
   <source>Id field</source>
   <translation>标识字段</translation>
  </message>
  <message>
   <source>Id field of the basic farmland</source>
   <translation>永久基本农田的标识字段</translation>
  </message>
  <message>
   <source>Id field of the development boundary</source>
   <translation>城镇开发边界的标识字段</translation>
  </message>
  <message>
   <source>Id field of the ecological redline</source>
   <translation>生态保护红线的标识字段</translation>
  </message>
  <message>
   <source>If pip does not find them, remove the folders above, or take them off PYTHONPATH.</source>
   <translation>如果 pip 找不到它们，请删除上面列出的文件夹，或将其从 PYTHONPATH 中去掉。</translation>
  </message>
  <message>
   <source>Import a DXF drawing</source>
   <translation>导入 DXF 图形</translation>
  </message>
  <message>
   <source>Import boundary-point TXT</source>
   <translation>导入界址点 TXT</translation>
  </message>
  <message>
   <source>Investment in the town's own trade</source>
   <translation>特色产业投资</translation>
  </message>
  <message>
   <source>Investment so far</source>
   <translation>累计投资</translation>
  </message>
  <message>
   <source>Its class system</source>
   <translation>现状的分类标准</translation>
  </message>
  <message>
   <source>Jobs in total</source>
   <translation>就业人数（总数）</translation>
  </message>
  <message>
   <source>Keep-out line: what a town covers of it is a finding. At least one line must be given in all.</source>
   <translation>禁止占用类控制线：审查对象占用的部分即为疑似问题图斑。各控制线中至少须给出一条。</translation>
  </message>
  <message>
   <source>Keep-out line: what a town covers of it is a finding. Overlapping patches are not counted twice.</source>
   <translation>禁止占用类控制线：审查对象占用的部分即为疑似问题图斑。相互重叠的图斑不重复计算面积。</translation>
  </message>
  <message>
   <source>Land and sea use classes 2023 (用地用海)</source>
   <translation>用地用海分类（2023）</translation>
  </message>
  <message>
   <source>Land cover raster</source>
   <translation>土地覆盖栅格</translation>
  </message>
  <message>
   <source>Land use inside</source>
   <translation>占用地类</translation>
  </message>
  <message>
   <source>Land-use intensity</source>
   <translation>土地利用强度</translation>
  </message>
  <message>
   <source>Land-use intensity by town</source>
   <translation>各审查对象土地利用强度</translation>
  </message>
  <message>
   <source>Land-use intensity…</source>
   <translation>土地利用强度…</translation>
  </message>
  <message>
   <source>Landscape</source>
   <translation>横幅</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>语言</translation>
  </message>
  <message>
   <source>Later review</source>
   <translation>本次审查</translation>
  </message>
  <message>
   <source>Layers below</source>
   <translation>底图图层</translation>
  </message>
  <message>
   <source>Layers of further lines that the rules file describes, such as nature reserves. Each is recognised by its layer name, which must contain one of the names the rules file lists for the line.</source>
   <translation>规则文件中规定的其他控制线图层，例如自然保护地。按图层名称识别：图层名须包含规则文件为该控制线列出的某个名称。</translation>
  </message>
  <message>
   <source>Layers of the project, imagery for instance, drawn below all others; annotations above them.</source>
   <translation>工程中的图层，如影像，绘制在最下层；注记图层绘制在最上层。</translation>
  </message>
  <message>
   <source>Leaves out towns without a finding above tolerance.</source>
   <translation>不出没有超出容差图斑的审查对象。</translation>
  </message>
  <message>
   <source>Left out: {n}.</source>
   <translation>未导入 {n} 个。</translation>
  </message>
  <message>
   <source>Legal basis</source>
   <translation>法律依据</translation>
  </message>
  <message>
   <source>Legend of the land cover</source>
   <translation>土地覆盖图例</translation>
  </message>
  <message>
   <source>Level of approval</source>
   <translation>批准层级</translation>
  </message>
  <message>
   <source>Line</source>
   <translation>控制线</translation>
  </message>
  <message>
   <source>Lines that are not closed, left out: {n}.</source>
   <translation>未闭合的线 {n} 条，未导入。</translation>
  </message>
  <message>
   <source>Lines that were not checked are named wherever a verdict stands. Paths of this computer are not told.</source>
   <translation>凡有结论之处均注明未核查的控制线。报告中不含本机路径。</translation>
  </message>
  <message>
   <source>Lines, zones, tolerances and verdicts of your province. The national rules where left empty.</source>
   <translation>本省的控制线、分区、容差和判定规则。留空时用国家规则。</translation>
  </message>
  <message>
   <source>Load boundary points…</source>
   <translation>加载界址点…</translation>
  </message>
  <message>
   <source>Loaded</source>
   <translation>已加载</translation>
  </message>
  <message>
   <source>Looks the same on every computer, but can no longer be edited as text.</source>
   <translation>在任何电脑上显示一致，但不能再按文字编辑。</translation>
  </message>
  <message>
   <source>Looks through towns, control lines, land use and buildings as they were delivered and lists what is wrong: what it means, and what to do. Nothing is changed in your layers.</source>
   <translation>逐一检查收到的审查对象、控制线、土地利用和建筑物数据，列出问题、含义和处理建议。不改动您的图层。</translation>
  </message>
  <message>
   <source>Machine verdict</source>
   <translation>机审结论</translation>
  </message>
  <message>
   <source>Making a copy…</source>
   <translation>正在复制…</translation>
  </message>
  <message>
   <source>Making unit</source>
   <translation>编制单位</translation>
  </message>
  <message>
   <source>Map of the chosen town</source>
   <translation>所选审查对象的图件</translation>
  </message>
  <message>
   <source>Maps for the meeting</source>
   <translation>上会图件</translation>
  </message>
  <message>
   <source>Maps for the meeting…</source>
   <translation>上会图件…</translation>
  </message>
  <message>
   <source>Maps of all towns (PDF), the report as a document, workbook and page, the review package itself and its decisions as a file. Unpacked anywhere, index.html leads to all of it.</source>
   <translation>全部审查对象的图件（PDF），文档、表格、网页三种格式的报告，审查成果包及其处理决定文件。解压后打开 index.html 即可查看全部内容。</translation>
  </message>
  <message>
   <source>Mean width</source>
   <translation>平均宽度</translation>
  </message>
  <message>
   <source>Measures how sparingly each town uses its land, from whichever sources you have: existing and planned land use, a land cover raster, buildings, and figures of people and money.</source>
   <translation>测算每个审查对象的土地节约集约利用水平，可用数据包括：现状地类、规划用地、土地覆盖栅格、建筑物，以及人口、经济统计数据。</translation>
  </message>
  <message>
   <source>Meeting pack</source>
   <translation>上会材料包</translation>
  </message>
  <message>
   <source>Meeting pack…</source>
   <translation>上会材料包…</translation>
  </message>
  <message>
   <source>Merge decisions</source>
   <translation>合并处理决定</translation>
  </message>
  <message>
   <source>Most programs of the land survey read GBK.</source>
   <translation>多数勘测定界和报盘软件读取 GBK 编码。</translation>
  </message>
  <message>
   <source>Name field</source>
   <translation>名称字段</translation>
  </message>
  <message>
   <source>Next finding</source>
   <translation>下一个图斑</translation>
  </message>
  <message>
   <source>No layer from the network is drawn, and no CRS goes along in the PDF.</source>
   <translation>不绘制网络图层，PDF 中不写入坐标系。</translation>
  </message>
  <message>
   <source>No layer from the network is drawn, and no path of this computer is written.</source>
   <translation>不绘制网络图层，不写入本机路径。</translation>
  </message>
  <message>
   <source>No review package is open.</source>
   <translation>未打开审查成果包。</translation>
  </message>
  <message>
   <source>No town is left to be drawn.</source>
   <translation>没有需要出图的审查对象。</translation>
  </message>
  <message>
   <source>None</source>
   <translation>不列</translation>
  </message>
  <message>
   <source>Not loaded</source>
   <translation>未加载</translation>
  </message>
  <message>
   <source>Nothing has been decided yet.</source>
   <translation>尚无处理记录。</translation>
  </message>
  <message>
   <source>Nothing has been recorded here yet</source>
   <translation>尚无可撤销的记录</translation>
  </message>
  <message>
   <source>Nothing was changed.</source>
   <translation>没有改动。</translation>
  </message>
  <message>
   <source>Number</source>
   <translation>图斑编号</translation>
  </message>
  <message>
   <source>Number of contradictions</source>
   <translation>决定冲突数</translation>
  </message>
  <message>
   <source>Number of decisions exported</source>
   <translation>导出的决定数</translation>
  </message>
  <message>
   <source>Number of decisions known before</source>
   <translation>已有的决定数</translation>
  </message>
  <message>
   <source>Number of decisions merged</source>
   <translation>合并的决定数</translation>
  </message>
  <message>
   <source>Number of decisions recorded</source>
   <translation>记录的决定数</translation>
  </message>
  <message>
   <source>Number of errors</source>
   <translation>错误数</translation>
  </message>
  <message>
   <source>Number of files</source>
   <translation>文件数</translation>
  </message>
  <message>
   <source>Number of findings above tolerance</source>
   <translation>超出容差的疑似问题图斑数</translation>
  </message>
  <message>
   <source>Number of findings gone</source>
   <translation>已消除图斑数</translation>
  </message>
  <message>
   <source>Number of findings grown or shrunk</source>
   <translation>扩大或缩小的图斑数</translation>
  </message>
  <message>
   <source>Number of new findings</source>
   <translation>新增图斑数</translation>
  </message>
  <message>
   <source>Number of notices</source>
   <translation>提示数</translation>
  </message>
  <message>
   <source>Number of pages</source>
   <translation>页数</translation>
  </message>
  <message>
   <source>Number of plots</source>
   <translation>地块数</translation>
  </message>
  <message>
   <source>Number of plots left out</source>
   <translation>未导入地块数</translation>
  </message>
  <message>
   <source>Number of towns</source>
   <translation>审查对象数</translation>
  </message>
  <message>
   <source>Number of towns with violations</source>
   <translation>疑似违规的审查对象数</translation>
  </message>
  <message>
   <source>Number of warnings</source>
   <translation>警告数</translation>
  </message>
  <message>
   <source>Of GDP, tax and investment. An amount without its unit is refused, unless the name of its field states it, as in “GDP（万元）”.</source>
   <translation>地区生产总值、税收和投资的单位。没有单位的金额不予采用，字段名已注明的除外，如“GDP（万元）”。</translation>
  </message>
  <message>
   <source>Of PNG files, and of images in the others.</source>
   <translation>PNG 文件及其他格式中影像的分辨率。</translation>
  </message>
  <message>
   <source>Of all that is written; names and remarks stay as they are.</source>
   <translation>输出内容的语言；名称和备注保持原样。</translation>
  </message>
  <message>
   <source>Of findings above tolerance</source>
   <translation>容差以上的图斑</translation>
  </message>
  <message>
   <source>Of the maps; A3 is usual in meetings.</source>
   <translation>图件的纸张；会议常用 A3。</translation>
  </message>
  <message>
   <source>Of the towns</source>
   <translation>审查对象</translation>
  </message>
  <message>
   <source>Official ellipsoid area</source>
   <translation>椭球面积（国家规定算法）</translation>
  </message>
  <message>
   <source>One GeoPackage with towns, findings, lines, conflicts, data issues, the ledger and the facts of the run. A package that is there already is refilled, and its decisions are kept.</source>
   <translation>一个 GeoPackage 文件，包含审查对象、疑似问题图斑、控制线、控制线交叉重叠、数据质检问题、面积核算表和本次运行的依据。已有的成果包将重新写入，其中的审查决定予以保留。</translation>
  </message>
  <message>
   <source>One feature per finding of either review: its change, areas, land won and lost, severities and decisions. Its field names need a GeoPackage, not a Shapefile.</source>
   <translation>两次审查的每个图斑一个要素：变化、面积、增加与减少面积、等级和处理决定。字段名较长，须用 GeoPackage，不能用 Shapefile。</translation>
  </message>
  <message>
   <source>One feature per finding. Not computed where it is not asked for.</source>
   <translation>每个疑似问题图斑一个要素。不需要时不计算。</translation>
  </message>
  <message>
   <source>One feature per town with all indicators. Its field names need a GeoPackage, not a Shapefile.</source>
   <translation>每个审查对象一个要素，含全部指标。字段名较长，须存为 GeoPackage，不能存为 Shapefile。</translation>
  </message>
  <message>
   <source>One feature per town: areas and shares per line, verdicts, what was not checked.</source>
   <translation>每个审查对象一个要素：各控制线的面积和占比、机审结论、未核查的内容。</translation>
  </message>
  <message>
   <source>One file</source>
   <translation>输出文件</translation>
  </message>
  <message>
   <source>One multipolygon per plot. Its field names fit a Shapefile.</source>
   <translation>每个地块一个多部件面要素，字段名适用于 Shapefile。</translation>
  </message>
  <message>
   <source>One or many text files.</source>
   <translation>一个或多个文本文件。</translation>
  </message>
  <message>
   <source>Only findings in the map's extent</source>
   <translation>仅显示当前地图范围内的图斑</translation>
  </message>
  <message>
   <source>Only towns with findings</source>
   <translation>仅有图斑的审查对象</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>打开</translation>
  </message>
  <message>
   <source>Open Terminal, type this line, then restart QGIS:</source>
   <translation>请打开“终端”，输入下面这行命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Open a review package</source>
   <translation>打开审查成果包</translation>
  </message>
  <message>
   <source>Open findings</source>
   <translation>待处理图斑</translation>
  </message>
  <message>
   <source>Open the "OSGeo4W Shell" from the Start menu, type this line, then restart QGIS:</source>
   <translation>请从“开始”菜单打开“OSGeo4W Shell”，输入下面这行命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Open the tool…</source>
   <translation>打开工具…</translation>
  </message>
  <message>
   <source>Opened recently</source>
   <translation>最近打开</translation>
  </message>
  <message>
   <source>Options</source>
   <translation>选项</translation>
  </message>
  <message>
   <source>Orientation</source>
   <translation>方向</translation>
  </message>
  <message>
   <source>Overview of all towns</source>
   <translation>总览图</translation>
  </message>
  <message>
   <source>PDF, a file for each town</source>
   <translation>PDF，每个审查对象一个文件</translation>
  </message>
  <message>
   <source>PDF, all in one file</source>
   <translation>PDF，合为一个文件</translation>
  </message>
  <message>
   <source>PNG files as redline:exportmaps writes them; they are put into document and page.</source>
   <translation>由“上会图件”工具导出的 PNG 文件，将嵌入文档和网页。</translation>
  </message>
  <message>
   <source>Page (.html)</source>
   <translation>网页（.html）</translation>
  </message>
  <message>
   <source>Paper</source>
   <translation>纸张</translation>
  </message>
  <message>
   <source>Parted by commas. All where left empty.</source>
   <translation>用逗号分隔。留空时为全部。</translation>
  </message>
  <message>
   <source>Permanent basic farmland</source>
   <translation>永久基本农田</translation>
  </message>
  <message>
   <source>Planar area in the CRS of the towns</source>
   <translation>平面面积（审查对象图层的坐标系）</translation>
  </message>
  <message>
   <source>Planar area in the zone of the file</source>
   <translation>文件所用投影带的平面面积</translation>
  </message>
  <message>
   <source>Planned area: may keep farmland and forest inside</source>
   <translation>规划范围：其内可保留耕地和林地</translation>
  </message>
  <message>
   <source>Planned construction land</source>
   <translation>规划建设用地</translation>
  </message>
  <message>
   <source>Planned land use</source>
   <translation>规划用地</translation>
  </message>
  <message>
   <source>Plots</source>
   <translation>地块</translation>
  </message>
  <message>
   <source>Plots are counted where it is empty.</source>
   <translation>留空时按顺序编号。</translation>
  </message>
  <message>
   <source>Plots loaded as “{layer}”: {n}.</source>
   <translation>已加载为图层“{layer}”，共 {n} 个地块。</translation>
  </message>
  <message>
   <source>Polygons</source>
   <translation>面图层</translation>
  </message>
  <message>
   <source>Polygons as boundary-point files of the land survey, points numbered as surveyors do.</source>
   <translation>将面图层导出为勘测定界界址点 TXT 文件，界址点按测绘惯例编号。</translation>
  </message>
  <message>
   <source>Polygons of what is reviewed. Every feature gets its own figures and verdict.</source>
   <translation>审查对象的面图层，每个要素单独核算并给出机审结论。</translation>
  </message>
  <message>
   <source>Portrait</source>
   <translation>竖幅</translation>
  </message>
  <message>
   <source>Previous finding</source>
   <translation>上一个图斑</translation>
  </message>
  <message>
   <source>Provincial list</source>
   <translation>省级清单</translation>
  </message>
  <message>
   <source>R&amp;D spending (%)</source>
   <translation>研发经费投入强度（%）</translation>
  </message>
  <message>
   <source>Read as {encoding}</source>
   <translation>按 {encoding} 读取</translation>
  </message>
  <message>
   <source>Read the package again</source>
   <translation>重新读取成果包</translation>
  </message>
  <message>
   <source>Reading the boundary points</source>
   <translation>读取界址点</translation>
  </message>
  <message>
   <source>Reading {name}…</source>
   <translation>正在读取 {name}…</translation>
  </message>
  <message>
   <source>Reads boundary-point files (勘测定界 界址点 TXT) as they come: UTF-8 or GBK, with or without zone number, rings closed or open, header lines missing. Each plot becomes a polygon with the attributes of its row and of the header.</source>
   <translation>直接读取各种实际格式的勘测定界界址点 TXT 文件：UTF-8 或 GBK 编码，Y 坐标带或不带带号，圈闭合或未闭合，文件头缺项均可。每个地块成为一个面要素，保留地块行和文件头的全部属性。</translation>
  </message>
  <message>
   <source>Reason</source>
   <translation>理由</translation>
  </message>
  <message>
   <source>Record</source>
   <translation>记录</translation>
  </message>
  <message>
   <source>Record decisions</source>
   <translation>记录处理决定</translation>
  </message>
  <message>
   <source>Record the decision and go to the next finding ({keys})</source>
   <translation>记录决定并转到下一个图斑（{keys}）</translation>
  </message>
  <message>
   <source>Record the decision and stay here</source>
   <translation>记录决定，停留在当前图斑</translation>
  </message>
  <message>
   <source>Record, then next</source>
   <translation>记录并转到下一个</translation>
  </message>
  <message>
   <source>Recorded.</source>
   <translation>已记录。</translation>
  </message>
  <message>
   <source>Recorded: {what}.</source>
   <translation>已记录：{what}。</translation>
  </message>
  <message>
   <source>Recording {n} findings…</source>
   <translation>正在记录 {n} 个图斑的决定…</translation>
  </message>
  <message>
   <source>Records decisions on findings from a table in a review package.</source>
   <translation>把表中对图斑的处理决定记录到审查成果包。</translation>
  </message>
  <message>
   <source>Red lines, land-use intensity and town rules in one run and one review package.</source>
   <translation>三线套合、土地利用强度和特色小镇指标一次完成，汇入一个审查成果包。</translation>
  </message>
  <message>
   <source>Red-line overlap</source>
   <translation>三线套合分析</translation>
  </message>
  <message>
   <source>Red-line overlap…</source>
   <translation>三线套合分析…</translation>
  </message>
  <message>
   <source>Red-line review</source>
   <translation>三线审查</translation>
  </message>
  <message>
   <source>Redline Review</source>
   <translation>三线审查</translation>
  </message>
  <message>
   <source>Redline Review Panel</source>
   <translation>三线审查面板</translation>
  </message>
  <message>
   <source>Redline Review cannot run here yet. These Python libraries are missing or too old: {names}.</source>
   <translation>三线审查暂时无法在此运行，以下 Python 库缺失或版本过低：{names}。</translation>
  </message>
  <message>
   <source>Redline Review cannot run here: the Python library {name} is damaged ({error}). Install it anew.</source>
   <translation>三线审查无法在此运行：Python 库 {name} 已损坏（{error}），请重新安装。</translation>
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
   <source>Reference number</source>
   <translation>参考编号</translation>
  </message>
  <message>
   <source>Remark</source>
   <translation>备注</translation>
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
   <source>Report for the meeting</source>
   <translation>上会报告</translation>
  </message>
  <message>
   <source>Reports for each town how much of it lies on the ecological redline and on permanent basic farmland, and how much lies outside the urban development boundary, with a verdict for each line and each town.</source>
   <translation>逐个核算审查对象占用生态保护红线和永久基本农田的面积、位于城镇开发边界以外的面积，并对每条控制线和每个审查对象给出机审结论。</translation>
  </message>
  <message>
   <source>Report…</source>
   <translation>审查报告…</translation>
  </message>
  <message>
   <source>Residents</source>
   <translation>常住人口</translation>
  </message>
  <message>
   <source>Resolution (dpi)</source>
   <translation>分辨率（dpi）</translation>
  </message>
  <message>
   <source>Review</source>
   <translation>审查</translation>
  </message>
  <message>
   <source>Review of everything…</source>
   <translation>全面审查…</translation>
  </message>
  <message>
   <source>Review package</source>
   <translation>审查成果包</translation>
  </message>
  <message>
   <source>Review package (*.gpkg)</source>
   <translation>审查成果包 (*.gpkg)</translation>
  </message>
  <message>
   <source>Review package…</source>
   <translation>审查成果包…</translation>
  </message>
  <message>
   <source>Review panel</source>
   <translation>三线审查面板</translation>
  </message>
  <message>
   <source>Reviewed verdict</source>
   <translation>审定结论</translation>
  </message>
  <message>
   <source>Rule</source>
   <translation>判定依据</translation>
  </message>
  <message>
   <source>Rules</source>
   <translation>审查规则</translation>
  </message>
  <message>
   <source>Rules (*.json)</source>
   <translation>审查规则 (*.json)</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>审查</translation>
  </message>
  <message>
   <source>Run this review again…</source>
   <translation>重新审查…</translation>
  </message>
  <message>
   <source>Runs the red-line overlap and land-use intensity together and writes one review package: verdicts, findings with the land use inside them, indicators, and the rules a characteristic town is measured by.</source>
   <translation>同时进行三线套合分析和土地利用强度测算，写入一个审查成果包：结论、疑似问题图斑及其地类构成、各项指标和特色小镇标准的符合情况。</translation>
  </message>
  <message>
   <source>Search towns and numbers</source>
   <translation>搜索审查对象或图斑编号</translation>
  </message>
  <message>
   <source>Secrecy mark</source>
   <translation>密级</translation>
  </message>
  <message>
   <source>Select findings to decide on them.</source>
   <translation>请选择图斑后再作决定。</translation>
  </message>
  <message>
   <source>Severity</source>
   <translation>等级</translation>
  </message>
  <message>
   <source>Share</source>
   <translation>占比</translation>
  </message>
  <message>
   <source>Share (%)</source>
   <translation>占比（%）</translation>
  </message>
  <message>
   <source>Share of new industries and business forms (%)</source>
   <translation>“三新”产业增加值比重（%）</translation>
  </message>
  <message>
   <source>Share ≥</source>
   <translation>占比 ≥</translation>
  </message>
  <message>
   <source>Since the last run</source>
   <translation>变化状态</translation>
  </message>
  <message>
   <source>Site: construction or project land, judged strictly</source>
   <translation>用地范围：建设或项目用地，从严判定</translation>
  </message>
  <message>
   <source>Smallest area (m²)</source>
   <translation>最小面积（平方米）</translation>
  </message>
  <message>
   <source>Smallest width (m)</source>
   <translation>最小宽度（米）</translation>
  </message>
  <message>
   <source>Some of these answers are not recorded yet.</source>
   <translation>有答案尚未记录。</translation>
  </message>
  <message>
   <source>Something unforeseen went wrong, and nothing was written ({kind}). The details are in the message log, tab "{tab}" (View &gt; Panels &gt; Log Messages): please send them to the developers.</source>
   <translation>发生了意料之外的错误，未写出任何结果（{kind}）。详细信息见日志消息面板的“{tab}”页（视图 &gt; 面板 &gt; 日志消息），请将其发给开发人员。</translation>
  </message>
  <message>
   <source>Stands at the foot (编制单位).</source>
   <translation>注于图廓下方。</translation>
  </message>
  <message>
   <source>Stands beside the making unit.</source>
   <translation>注于编制单位旁。</translation>
  </message>
  <message>
   <source>Stands in the header (数据产生单位).</source>
   <translation>写入文件头（数据产生单位）。</translation>
  </message>
  <message>
   <source>Stands in the upper right corner (密级).</source>
   <translation>注于右上角。</translation>
  </message>
  <message>
   <source>State Council</source>
   <translation>国务院</translation>
  </message>
  <message>
   <source>Stay-inside line: what lies outside is a finding, and so are its zones that are not plainly allowed.</source>
   <translation>边界约束类控制线：位于边界以外的部分即为疑似问题图斑，未明确允许的分区也是。</translation>
  </message>
  <message>
   <source>Suggested, please check</source>
   <translation>已按图层自动预选，请核对</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>汇总</translation>
  </message>
  <message>
   <source>Table of decisions</source>
   <translation>处理决定表</translation>
  </message>
  <message>
   <source>Table of figures</source>
   <translation>统计数据表</translation>
  </message>
  <message>
   <source>Table of indicators</source>
   <translation>指标表</translation>
  </message>
  <message>
   <source>Table of land use</source>
   <translation>地类面积表</translation>
  </message>
  <message>
   <source>Table of town rules</source>
   <translation>特色小镇指标表</translation>
  </message>
  <message>
   <source>Tables of boundary points</source>
   <translation>界址点坐标表</translation>
  </message>
  <message>
   <source>Take back a decision; it stays in the history.</source>
   <translation>撤销决定；历史记录中仍予保留。</translation>
  </message>
  <message>
   <source>Take back my last decision on what is selected</source>
   <translation>撤销本人对所选图斑的最近一次决定</translation>
  </message>
  <message>
   <source>Take back what was recorded last: {what}</source>
   <translation>撤销刚才的记录：{what}</translation>
  </message>
  <message>
   <source>Taken back: {what}.</source>
   <translation>已撤销：{what}。</translation>
  </message>
  <message>
   <source>Takes the place of the smallest area of every line in the rules, and is as in the rules where left empty. A connected piece smaller than this is below tolerance; of a line that has a smallest width too, only a piece that is also narrower than that. It is listed all the same. A piece with a feature of a keep-out line that lies wholly inside the town is never small or narrow.</source>
   <translation>替代规则中各控制线的最小面积；留空时按规则。连通图斑面积小于此值的属容差内；该控制线另有最小宽度的，宽度也小于最小宽度才属容差内。容差内图斑仍列出。禁止占用类控制线有要素完全位于审查对象内的，该要素所在的连通图斑不论大小宽窄，均不属容差内或疑似边界误差。</translation>
  </message>
  <message>
   <source>Takes the place of the smallest width of every line in the rules, and is as in the rules where left empty. A connected piece narrower than this (2 × area / perimeter) is below tolerance if it is also smaller than the smallest area, else at most a warning: suspected boundary error. With a width, no piece is below tolerance by its area alone.</source>
   <translation>替代规则中各控制线的最小宽度；留空时按规则。连通图斑宽度（2×面积÷周长）小于此值的：面积也小于最小面积的属容差内，否则最多为预警（疑似边界误差）。设有宽度后，不再仅凭面积认定容差内。</translation>
  </message>
  <message>
   <source>Taking back {n} findings…</source>
   <translation>正在撤销 {n} 个图斑的决定…</translation>
  </message>
  <message>
   <source>Tax a year</source>
   <translation>年缴纳税收</translation>
  </message>
  <message>
   <source>Text in SVG as outlines</source>
   <translation>SVG 文字转为轮廓</translation>
  </message>
  <message>
   <source>Text in a PDF can be searched and copied.</source>
   <translation>PDF 中的文字可检索、可复制。</translation>
  </message>
  <message>
   <source>The CRS follows from the header and the eastings. Where the two disagree, the zone number before the eastings holds, with a warning. A ring inside another is a hole, one outside a further part, whatever its number.</source>
   <translation>坐标系由文件头和 Y 坐标确定，两者不一致时以 Y 坐标的带号为准并给出警告。位于另一圈之内的圈为内环（扣除），之外的为另一部件，与圈号无关。</translation>
  </message>
  <message>
   <source>The annotations of the project are drawn above the maps.</source>
   <translation>工程中的注记已绘制在图件最上层。</translation>
  </message>
  <message>
   <source>The area for which the line layers are complete. A town beyond it is reported as not checked, never as clear. Without it, a clear line is marked "coverage not declared".</source>
   <translation>控制线数据完整的范围。超出该范围的审查对象报为“未核查”，绝不报为“不涉及”。未给出时，不涉及的控制线会注明“未声明覆盖范围”。</translation>
  </message>
  <message>
   <source>The check of the layers found nothing.</source>
   <translation>数据质检未发现问题。</translation>
  </message>
  <message>
   <source>The document lists the worst and largest findings of each town; workbook and page have them all. Rows add up to their totals as printed, and totals in the workbook are formulas.</source>
   <translation>文档列出每个审查对象等级最高、面积最大的图斑，工作簿和网页列出全部。各行与合计按显示值相符，工作簿中的合计为公式。</translation>
  </message>
  <message>
   <source>The ellipsoid area follows the official formula of the land survey and depends on no project setting. Planar areas need towns in a projected CRS in metres, and not in Web Mercator.</source>
   <translation>椭球面积按国土调查规定的公式计算，不受工程设置影响。平面面积要求审查对象图层采用以米为单位的投影坐标系，且不能是 Web 墨卡托。</translation>
  </message>
  <message>
   <source>The ellipsoid area follows the official formula of the land survey.</source>
   <translation>椭球面积按国土调查规定公式计算。</translation>
  </message>
  <message>
   <source>The file holds every decision with its author and time. A colleague merges it into the same package, or into a later run of it; nothing is added twice.</source>
   <translation>文件包含全部决定及其填写人和时间。同事可合并到同一成果包或其后续成果中，不会重复。</translation>
  </message>
  <message>
   <source>The file that holds all of it.</source>
   <translation>包含全部内容的文件。</translation>
  </message>
  <message>
   <source>The filters hide what is selected on the map.</source>
   <translation>地图上所选图斑被筛选条件隐藏。</translation>
  </message>
  <message>
   <source>The layer should be in a Gauss-Krüger zone of CGCS2000. Another one is transformed to the 3° zone of its centre, point by point, with a warning; where nothing reliable leads there (Xian 1980, Beijing 1954) it is refused.</source>
   <translation>图层宜为 2000 国家大地坐标系的高斯-克吕格投影带。其他坐标系的图层逐点转换到其中心所在的 3 度带并给出警告；没有可靠转换（1980西安、1954北京）时不予导出。</translation>
  </message>
  <message>
   <source>The line itself is wrongly drawn</source>
   <translation>控制线本身划定有误</translation>
  </message>
  <message>
   <source>The list of characteristic towns: name or code, and where it has them batch, year and status.</source>
   <translation>特色小镇清单：名称或编号，以及批次、年份、状态（如有）。</translation>
  </message>
  <message>
   <source>The names of the files that were reviewed are left out too.</source>
   <translation>同时略去所审查数据的文件名。</translation>
  </message>
  <message>
   <source>The one in the rules</source>
   <translation>规则中的自定义图例</translation>
  </message>
  <message>
   <source>The package is write-protected: decisions cannot be recorded.</source>
   <translation>成果包为只读，不能记录处理决定。</translation>
  </message>
  <message>
   <source>The package with the findings.</source>
   <translation>含有图斑的审查成果包。</translation>
  </message>
  <message>
   <source>The page needs nothing but a browser. Document and workbook open in Office and WPS.</source>
   <translation>网页用浏览器即可打开；文档和工作簿可用 Office 或 WPS 打开。</translation>
  </message>
  <message>
   <source>The plugin's own where left empty.</source>
   <translation>留空时用插件自带模板。</translation>
  </message>
  <message>
   <source>The polygons of the issues that have one: overlaps, gaps, slivers, land that is not covered.</source>
   <translation>有范围的问题的面：重叠、空隙、细碎面、未覆盖的土地。</translation>
  </message>
  <message>
   <source>The profile of this review asks nothing.</source>
   <translation>本次审查所用规则未设核对清单。</translation>
  </message>
  <message>
   <source>The review package (GeoPackage) holds all of it with the facts of the run. Give an earlier package, and decisions and finding numbers are carried over.</source>
   <translation>审查成果包（GeoPackage）保存全部结果和本次运行的依据。给出上一次的成果包，即可沿用其中的审查决定和图斑编号。</translation>
  </message>
  <message>
   <source>The review package that shows how it is now. It is only read, and the results are in its CRS.</source>
   <translation>反映现状的审查成果包，只读取不改动；结果采用其坐标系。</translation>
  </message>
  <message>
   <source>The review package to compare with. It is only read.</source>
   <translation>用于对比的审查成果包，只读取不改动。</translation>
  </message>
  <message>
   <source>The sheet of {town} could not be made: {reason}</source>
   <translation>{town}的图件未能生成：{reason}</translation>
  </message>
  <message>
   <source>The sheets are made from the package alone, also where the sources are away. A table that is too long goes on on a further page.</source>
   <translation>图件只依据成果包制作，源数据不在时也能出图。图斑表过长时转入续页。</translation>
  </message>
  <message>
   <source>The systems use the same codes with different meanings. It is told from codes that only one of them has; where it cannot be told, you are asked to choose.</source>
   <translation>两套分类的部分编码相同而含义不同。按仅一套标准才有的编码判断，无法判断时请自行指定。</translation>
  </message>
  <message>
   <source>The template lacks: {items}. The rest is drawn.</source>
   <translation>模板缺少：{items}。其余内容照常绘制。</translation>
  </message>
  <message>
   <source>The town rules of the national guideline are checked beside: meets, watch or no data, with figure, threshold and clause.</source>
   <translation>同时对照国家导则的特色小镇标准：达标、关注或无数据，列出指标值、标准和依据。</translation>
  </message>
  <message>
   <source>The typeface “{wanted}” is not there: “{used}” is used.</source>
   <translation>本机没有字体“{wanted}”，改用“{used}”。</translation>
  </message>
  <message>
   <source>Third land survey (三调)</source>
   <translation>第三次国土调查（三调）</translation>
  </message>
  <message>
   <source>This part of a planned area is judged as strictly as a site. The worse verdict wins.</source>
   <translation>规划范围内的这一部分按用地范围从严判定，取较严的结论。</translation>
  </message>
  <message>
   <source>To be chosen again in the tool: {inputs}.</source>
   <translation>以下输入需在工具中重新选择：{inputs}。</translation>
  </message>
  <message>
   <source>Told from the codes</source>
   <translation>按编码判断</translation>
  </message>
  <message>
   <source>Town</source>
   <translation>审查对象</translation>
  </message>
  <message>
   <source>Town rules</source>
   <translation>小镇指标</translation>
  </message>
  <message>
   <source>Towns</source>
   <translation>审查对象</translation>
  </message>
  <message>
   <source>Towns of this verdict</source>
   <translation>该结论的审查对象</translation>
  </message>
  <message>
   <source>Towns, by their ids</source>
   <translation>审查对象编号</translation>
  </message>
  <message>
   <source>Towns, planned areas or project sites</source>
   <translation>审查对象（特色小镇、规划范围或用地范围）</translation>
  </message>
  <message>
   <source>Two people differ, answer anew: {who}</source>
   <translation>两人填写不一致，请重新填写：{who}</translation>
  </message>
  <message>
   <source>Type this in a terminal, then restart QGIS:</source>
   <translation>请在终端中输入以下命令，然后重新启动 QGIS：</translation>
  </message>
  <message>
   <source>Typeface</source>
   <translation>字体</translation>
  </message>
  <message>
   <source>Unit of areas</source>
   <translation>面积单位</translation>
  </message>
  <message>
   <source>Unit of money</source>
   <translation>金额单位</translation>
  </message>
  <message>
   <source>Urban development boundary</source>
   <translation>城镇开发边界</translation>
  </message>
  <message>
   <source>Valid until</source>
   <translation>有效期至</translation>
  </message>
  <message>
   <source>Verdicts by town</source>
   <translation>机审结论（按审查对象）</translation>
  </message>
  <message>
   <source>Visitors a year</source>
   <translation>年接待游客</translation>
  </message>
  <message>
   <source>Web page (*.html)</source>
   <translation>网页 (*.html)</translation>
  </message>
  <message>
   <source>What changed between two review packages: per town, line and finding, with the land won and lost.</source>
   <translation>两个审查成果包之间的变化：逐审查对象、控制线、图斑，含增加与减少的面积。</translation>
  </message>
  <message>
   <source>What is done</source>
   <translation>整改措施</translation>
  </message>
  <message>
   <source>What is not covered by data is reported as not checked, never as clear. Invalid polygons are repaired on a copy and listed; your own data stays as it is.</source>
   <translation>没有数据覆盖的部分报为“未核查”，绝不报为“不涉及”。无效的面在副本上修复并列出，原始数据保持不变。</translation>
  </message>
  <message>
   <source>What is to be built (village, linear works …) or what kind of town it is (culture and tourism, sports …): outside the boundary some kinds may be allowed, and some rules for towns except kinds.</source>
   <translation>拟建内容（村庄、线性工程等）或小镇类型（文旅、体育等）：边界外部分类型可能允许，部分小镇标准对某些类型有例外。</translation>
  </message>
  <message>
   <source>What is wrong with the layers of a review, with places and advice, before the review is run.</source>
   <translation>审查前检查各图层的问题，给出位置和处理建议。</translation>
  </message>
  <message>
   <source>What the land is to be used for (规划用地): construction land and housing share of the town rules.</source>
   <translation>规划的土地用途：小镇标准所用的规划建设用地和住宅比重取自这里。</translation>
  </message>
  <message>
   <source>What the land is used for (地块用途).</source>
   <translation>地块用途。</translation>
  </message>
  <message>
   <source>What the land is used for now (现状地类图斑): construction land, cropland, land use in findings.</source>
   <translation>土地现在的用途（现状地类图斑）：建设用地、耕地及图斑压占地类取自这里。</translation>
  </message>
  <message>
   <source>What the polygons are</source>
   <translation>审查对象的类型</translation>
  </message>
  <message>
   <source>What the values mean. The last takes the legend with the id “own” of the rules.</source>
   <translation>像元值的含义。最后一项采用规则中 id 为 “own” 的图例。</translation>
  </message>
  <message>
   <source>What “Check layers” finds goes into the package's data issues, and its numbers into the log. It takes about as long again as the review.</source>
   <translation>“数据质检”的结果写入审查成果包的数据质检问题，数量列入日志。用时与审查大致相当。</translation>
  </message>
  <message>
   <source>Where it is empty the height counts.</source>
   <translation>层数为空时按高度推算。</translation>
  </message>
  <message>
   <source>Where the files are written.</source>
   <translation>输出文件的位置。</translation>
  </message>
  <message>
   <source>Where the files are written. Those of the same names are replaced.</source>
   <translation>文件的保存位置，同名文件将被替换。</translation>
  </message>
  <message>
   <source>Who adjusts it</source>
   <translation>整改责任人</translation>
  </message>
  <message>
   <source>Who decides. Every decision has an author.</source>
   <translation>由谁决定。每条决定都须有填写人。</translation>
  </message>
  <message>
   <source>Width (m)</source>
   <translation>宽度（米）</translation>
  </message>
  <message>
   <source>Width ≥</source>
   <translation>宽度 ≥</translation>
  </message>
  <message>
   <source>With (8 digits)</source>
   <translation>带带号（8 位）</translation>
  </message>
  <message>
   <source>Without (6 digits)</source>
   <translation>不带带号（6 位）</translation>
  </message>
  <message>
   <source>Workbook (.xlsx)</source>
   <translation>工作簿（.xlsx）</translation>
  </message>
  <message>
   <source>Writes all decisions of a review package to a small file for a colleague.</source>
   <translation>把审查成果包的全部处理决定写入小文件，交给同事。</translation>
  </message>
  <message>
   <source>Writes each polygon as a plot of a boundary-point file (勘测定界 界址点 TXT): all in one file, or a file for each. Points are numbered from the north-west corner, outer rings clockwise, holes after them anticlockwise; each ring ends with its first point. Areas are in hectares, of the points as written.</source>
   <translation>将每个面写为界址点 TXT 文件中的一个地块，可全部写入一个文件，或每个地块一个文件。界址点从西北角起编号，外圈顺时针，内圈接续编号、逆时针，每圈以首点闭合。面积以公顷计，按写出的界址点计算。</translation>
  </message>
  <message>
   <source>X north and Y east of each boundary point; at most 2,000 points on a sheet.</source>
   <translation>列出每个界址点的北坐标 X 和东坐标 Y；每幅图最多 2000 点。</translation>
  </message>
  <message>
   <source>Your name: every decision has one.</source>
   <translation>填写人姓名，每条决定均须署名。</translation>
  </message>
  <message>
   <source>Your own template</source>
   <translation>自定义模板</translation>
  </message>
  <message>
   <source>Your own template is a QGIS layout template (.qpt) whose items carry the ids of the plugin's: copy one from resources/templates and change it in QGIS's layout designer.</source>
   <translation>自定义模板为 QGIS 布局模板（.qpt），各项的 id 与插件模板相同：可复制 resources/templates 中的模板，在 QGIS 布局设计器中修改。</translation>
  </message>
  <message>
   <source>Zip files (*.zip)</source>
   <translation>Zip 文件 (*.zip)</translation>
  </message>
  <message>
   <source>Zone</source>
   <translation>分区</translation>
  </message>
  <message>
   <source>Zone field of the development boundary</source>
   <translation>城镇开发边界的分区字段</translation>
  </message>
  <message>
   <source>Zone field of the ecological redline</source>
   <translation>生态保护红线的分区字段</translation>
  </message>
  <message>
   <source>Zone number before the easting</source>
   <translation>Y 坐标带号</translation>
  </message>
  <message>
   <source>Zoom to what is selected</source>
   <translation>选中时缩放到图斑</translation>
  </message>
  <message>
   <source>by lawful delegation</source>
   <translation>依法授权</translation>
  </message>
  <message>
   <source>does not count</source>
   <translation>不生效</translation>
  </message>
  <message>
   <source>ha</source>
   <translation>公顷</translation>
  </message>
  <message>
   <source>it has the field {what}</source>
   <translation>有字段 {what}</translation>
  </message>
  <message>
   <source>its group has “{what}”</source>
   <translation>所在组含“{what}”</translation>
  </message>
  <message>
   <source>its name has “{what}”</source>
   <translation>名称含“{what}”</translation>
  </message>
  <message>
   <source>mu</source>
   <translation>亩</translation>
  </message>
  <message>
   <source>not stated</source>
   <translation>未注明</translation>
  </message>
  <message>
   <source>other</source>
   <translation>其他</translation>
  </message>
  <message>
   <source>outside {line}</source>
   <translation>{line}外</translation>
  </message>
  <message>
   <source>undecided</source>
   <translation>未处理</translation>
  </message>
  <message>
   <source>without end</source>
   <translation>长期</translation>
  </message>
  <message>
   <source>yyyy-mm-dd</source>
   <translation>年-月-日</translation>
  </message>
  <message>
   <source>{decision} (lapsed)</source>
   <translation>{decision}（已失效）</translation>
  </message>
  <message>
   <source>{library} uses {part} {here}, but QGIS uses {part} {in_qgis}</source>
   <translation>{library} 使用 {part} {here}，而 QGIS 使用 {part} {in_qgis}</translation>
  </message>
  <message>
   <source>{name} and {n} more</source>
   <translation>{name} 等另 {n} 个</translation>
  </message>
  <message>
   <source>{name}: all</source>
   <translation>{name}：全部</translation>
  </message>
  <message>
   <source>{n} findings</source>
   <translation>{n} 个图斑</translation>
  </message>
  <message>
   <source>{n} in all of this kind: {example}</source>
   <translation>此类问题共 {n} 处：{example}</translation>
  </message>
  <message>
   <source>{n} of {all} findings</source>
   <translation>{n} / {all} 个图斑</translation>
  </message>
  <message>
   <source>{tool} could not be finished.</source>
   <translation>“{tool}”未能完成。</translation>
  </message>
  <message>
   <source>{town}: too much text for its place on the sheet ({item}).</source>
   <translation>{town}：图上位置放不下全部文字（{item}）。</translation>
  </message>
  <message>
   <source>“{face}” has no glyphs for: {characters}. Choose another typeface.</source>
   <translation>字体“{face}”缺少以下字：{characters}。请另选字体。</translation>
  </message>
  <message>
   <source>“{face}” has no glyphs for: {characters}. Other Chinese typefaces lend them.</source>
   <translation>字体“{face}”缺少这些字：{characters}，改用其他中文字体补足。</translation>
  </message>
  <message>
   <source>“{layer}” comes from the network: left out of confidential maps.</source>
   <translation>“{layer}”为网络图层，涉密图件中不绘制。</translation>
  </message>
  <message>
   <source>“{layer}” does not state its encoding; its texts are {encoding}.</source>
   <translation>“{layer}”未注明编码，其文字为 {encoding} 编码。</translation>
  </message>
  <message>
   <source>“{layer}” states that its texts are {stated}, but they are {encoding}.</source>
   <translation>图层“{layer}”注明文字编码为 {stated}，实际是 {encoding}。</translation>
  </message>
  <message>
   <source>… and {n} more of this kind: see data_issues in the review package.</source>
   <translation>……同类问题还有 {n} 个，见审查成果包的 data_issues 图层。</translation>
  </message>
 </context>
</TS>
