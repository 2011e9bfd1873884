/* Sorting and searching, without which every page still says everything. No library, nothing from elsewhere; works
   from file://, where a page may load scripts but fetch nothing: the index of names is scripts, too. */
(function () {
  "use strict";
  var here = document.currentScript;
  var words = here.dataset;

  /* Tables: each header becomes a button; cells carry the unrounded value to sort by. */
  var compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  function keyOf(row, column) {
    var cell = row.cells[column];
    return cell && "v" in cell.dataset ? cell.dataset.v : cell ? cell.textContent.trim() : "";
  }

  function sort(table, header, column) {
    var down = header.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var numeric = header.classList.contains("number");
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (one, other) {
      var a = keyOf(one, column), b = keyOf(other, column);
      if (a === "" || b === "") { return (a === "") - (b === ""); } /* unknown stays last */
      var order = numeric ? Number(a) - Number(b) : compare(a, b);
      return down ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (each) { each.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    if (!table.tHead || table.tHead.rows.length !== 1 || table.tBodies[0].rows.length < 2) { return; }
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (header.firstChild) { button.appendChild(header.firstChild); }
      header.appendChild(button);
      button.addEventListener("click", function () { sort(table, header, column); });
    });
  });

  /* Search: names of counties at once, those of schools from the files that can hold them. */
  var form = document.querySelector("form.search");
  if (!form) { return; }
  var input = form.querySelector("input");
  var list = form.querySelector("ul");
  var status = form.querySelector("[role=status]");
  var index = null;
  var loaded = {};
  var MOST = 20;
  form.hidden = false;

  window.junheng = {
    index: function (found) { index = found; show(); },
    bucket: function (name, schools) { loaded[name] = schools; show(); }
  };

  function load(name) {
    if (name in loaded) { return; }
    loaded[name] = null;
    var script = document.createElement("script");
    script.src = words.root + "/assets/search/" + name + ".js";
    document.head.appendChild(script);
  }

  /* The bucket that is quickest to load of those that hold every school with one character of the words. */
  function bucketFor(sought) {
    if (index.single) { return "all"; }
    var best = null;
    Array.from(sought).forEach(function (character) {
      var name = "b" + (character.codePointAt(0) % index.modulus);
      if (name in index.sizes && (best === null || index.sizes[name] < index.sizes[best])) { best = name; }
    });
    return best;
  }

  function matches(entries, sought) {
    return entries.filter(function (entry) {
      return entry[1].toLowerCase().indexOf(sought) >= 0 || entry[0].indexOf(sought) === 0;
    });
  }

  function show() {
    var sought = input.value.trim().toLowerCase();
    list.textContent = "";
    status.textContent = "";
    if (!sought) { return; }
    if (index === null) { load("index"); return; }
    var found = matches(index.counties, sought).map(function (each) { return [each[1], "", each[2], each[0]]; });
    var bucket = bucketFor(sought);
    if (bucket !== null) {
      load(bucket);
      if (loaded[bucket]) {
        matches(loaded[bucket], sought).forEach(function (each) {
          var county = index.counties[each[2]];
          found.push([each[1], county ? county[1] : "", each[3], each[0]]);
        });
      }
    }
    found.slice(0, MOST).forEach(function (each) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      var name = document.createElement("bdi");
      name.textContent = each[0];
      link.href = words.root + "/" + words.prefix + each[2];
      link.appendChild(name);
      var more = document.createElement("span");
      more.textContent = (each[1] ? " · " + each[1] : "") + " · " + each[3];
      link.appendChild(more);
      item.appendChild(link);
      list.appendChild(item);
    });
    status.textContent = words.found.replace("{count}", String(found.length));
  }

  function move(event) {
    var links = Array.prototype.slice.call(list.querySelectorAll("a"));
    var at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { input.value = ""; show(); input.focus(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") { return; }
    event.preventDefault();
    var next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) { input.focus(); } else if (next < links.length) { links[next].focus(); }
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", function () { load("index"); });
  form.addEventListener("keydown", move);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var first = list.querySelector("a");
    if (first) { first.click(); }
  });
})();
