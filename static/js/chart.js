// Draws each report's table, given as JSON beside it. Money comes in minor units; null is not known and leaves a gap.
// The table on the page is the same numbers as text. Tooltips are drawn on the canvas: the page's policy allows no
// inline styles.
const chart = (figure) => {
  const given = JSON.parse(document.getElementById(figure.dataset.chartOf).textContent);
  const box = figure.querySelector(".chart");
  const select = figure.querySelector("select");
  const columns = new Map(given.table.columns.map((column) => [column.key, column]));
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let drawn = null;

  const scaled = (value, type) => (value === null ? null : type === "money" ? value / 10 ** given.exponent : value);

  const formatter = (type, short) => {
    const options = { maximumFractionDigits: short ? 1 : 2 };
    if (type === "money") Object.assign(options, { style: "currency", currency: given.currency, currencyDisplay: "narrowSymbol" });
    if (type === "money" && short) Object.assign(options, { notation: "compact", minimumFractionDigits: 0 });
    if (type === "ratio") Object.assign(options, { style: "percent", maximumFractionDigits: short ? 0 : 1 });
    return new Intl.NumberFormat(given.language, options);
  };

  // [low, high] of the column's interval; high is null where there is no upper end.
  const interval = (key, type, row) => {
    const ends = columns.get(key).interval?.map((end) => scaled(row[end], type));
    return ends && ends[0] !== null ? ends : null;
  };

  // One whisker per bar that has an interval, and the bar's figure above it. An arrow says that there is no upper end.
  const whiskers = (data, colour, figure) => ({
    type: "custom",
    silent: true,
    z: 5,
    encode: { x: 0, y: [1, 2] },
    data,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)])[1];
      const top = api.value(3) ? high - 14 : high;
      const line = (x1, y1, x2, y2) => ({
        type: "line",
        shape: { x1, y1, x2, y2 },
        style: { stroke: colour, lineWidth: 1.5 },
      });
      const head = api.value(3) ? 6 : 0;
      return {
        type: "group",
        children: [
          line(x, low, x, top),
          line(x - 6, low, x + 6, low),
          line(x - 6, top + head, x, top),
          line(x, top, x + 6, top + head),
          ...(figure ? [{ type: "text", style: { text: figure(api.value(0)), x, y: top - 4, fill: colour, align: "center", verticalAlign: "bottom" } }] : []),
        ],
      };
    },
  });

  const draw = () => {
    const key = select ? select.value : given.values[0];
    const { label, type } = columns.get(key);
    const look = getComputedStyle(document.documentElement);
    const ink = (name) => look.getPropertyValue(`--${name}`).trim();
    const rows = given.table.rows;
    const exact = formatter(type, false);
    const short = formatter(type, true);
    const ends = rows.map((row) => interval(key, type, row));
    const told = (value) => (value === null ? given.words.unknown : exact.format(value));
    const between = ([low, high]) => (high === null ? given.words.and_more.replace("%s", told(low)) : `${told(low)}–${told(high)}`);
    const value = (place) => scaled(rows[place][key], type);
    // The same for those who cannot see it.
    const spoken = rows.map((row, place) => {
      const range = ends[place] ? ` (${given.words.low_high}: ${between(ends[place])})` : "";
      return `${row[given.category]}: ${told(value(place))}${range}`;
    });
    box.setAttribute("aria-label", `${label}. ${spoken.join("; ")}`);
    const figure = (place) => (value(place) === null ? "—" : short.format(value(place)));
    const narrow = box.clientWidth < 560;
    drawn?.dispose();
    drawn = window.echarts.init(box, null, { renderer: "canvas" });
    drawn.setOption({
      animation: !still,
      textStyle: { fontFamily: look.getPropertyValue("--font") || "sans-serif", color: ink("ink") },
      grid: { left: 8, right: 8, top: 28, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "item",
        renderMode: "richText",
        backgroundColor: ink("card"),
        borderColor: ink("line"),
        textStyle: { color: ink("ink") },
        formatter: ({ dataIndex, name }) => {
          const range = ends[dataIndex] ? `\n${given.words.low_high}: ${between(ends[dataIndex])}` : "";
          return `${name}\n${label}: ${told(value(dataIndex))}${range}`;
        },
      },
      xAxis: {
        type: "category",
        data: rows.map((row) => row[given.category]),
        axisLabel: { color: ink("ink"), interval: 0, rotate: narrow ? 50 : 0, hideOverlap: false, width: narrow ? 90 : undefined, overflow: "truncate" },
        axisLine: { lineStyle: { color: ink("line") } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        axisLabel: { color: ink("soft"), formatter: (value) => short.format(value) },
        splitLine: { lineStyle: { color: ink("line") } },
      },
      series: [
        {
          type: given.kind,
          name: label,
          data: rows.map((_, place) => value(place)),
          itemStyle: { color: ink("brand"), borderRadius: [4, 4, 0, 0] },
          barMaxWidth: 56,
          label: { show: !narrow, position: "top", color: ink("ink"), formatter: (bar) => (ends[bar.dataIndex] ? "" : figure(bar.dataIndex)) },
        },
        whiskers(
          ends.flatMap((range, place) => (range ? [[place, range[0], range[1] ?? value(place), range[1] === null]] : [])),
          ink("ink"),
          narrow ? null : figure,
        ),
      ],
    });
  };

  if (select) for (const key of given.choices) select.add(new Option(columns.get(key).label, key, false, key === given.values[0]));
  select?.addEventListener("change", draw);
  dark.addEventListener("change", draw);
  new ResizeObserver(() => drawn?.resize()).observe(box);
  draw();
};
if (window.echarts) document.querySelectorAll("[data-chart-of]").forEach(chart);
