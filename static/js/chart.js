// Draws a report's table, given as JSON beside it. Money comes in minor units; null is not known and leaves a gap.
// The table on the page is the same numbers as text. Tooltips are drawn on the canvas: the page's policy allows no
// inline styles.
(() => {
  const figure = document.querySelector("[data-chart-of]");
  if (!figure || !window.echarts) return;
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

  const interval = (key, type, row) => {
    const ends = ["low", "high"].map((end) => row[key.replace(/_rate$/, `_${end}`)]);
    return key.endsWith("_rate") && ends.every((end) => typeof end === "number")
      ? ends.map((end) => scaled(end, type))
      : null;
  };

  // One whisker per bar that has an interval.
  const whiskers = (data, colour) => ({
    type: "custom",
    silent: true,
    z: 5,
    tooltip: { show: false },
    data,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)])[1];
      const line = (x1, y1, x2, y2) => ({
        type: "line",
        shape: { x1, y1, x2, y2 },
        style: { stroke: colour, lineWidth: 1.5 },
      });
      return { type: "group", children: [line(x, low, x, high), line(x - 6, low, x + 6, low), line(x - 6, high, x + 6, high)] };
    },
  });

  const draw = () => {
    const key = select.value;
    const { label, type } = columns.get(key);
    const look = getComputedStyle(document.documentElement);
    const ink = (name) => look.getPropertyValue(`--${name}`).trim();
    const rows = given.table.rows;
    const exact = formatter(type, false);
    const short = formatter(type, true);
    const ends = rows.map((row) => interval(key, type, row));
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
          const value = scaled(rows[dataIndex][key], type);
          const range = ends[dataIndex];
          const line = `${name}\n${label}: ${value === null ? given.words.unknown : exact.format(value)}`;
          return range ? `${line}\n${given.words.low_high}: ${range.map((end) => exact.format(end)).join("–")}` : line;
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
          data: rows.map((row) => scaled(row[key], type)),
          itemStyle: { color: ink("brand"), borderRadius: [4, 4, 0, 0] },
          barMaxWidth: 56,
          label: { show: !narrow, position: "top", color: ink("ink"), formatter: ({ value }) => (value == null ? "—" : short.format(value)) },
        },
        whiskers(ends.flatMap((range, place) => (range ? [[place, ...range]] : [])), ink("ink")),
      ],
    });
  };

  for (const key of given.choices) select.add(new Option(columns.get(key).label, key, false, key === given.values[0]));
  select.addEventListener("change", draw);
  dark.addEventListener("change", draw);
  new ResizeObserver(() => drawn?.resize()).observe(box);
  draw();
})();
