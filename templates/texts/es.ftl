### Las palabras de un informe, en español. Los argumentos de cada mensaje están explicados en `en.ftl`.

## Valoración

verdict-met = en objetivo
verdict-near = cerca
verdict-missed = fuera de objetivo
verdict-none = sin valorar

counted-met = en objetivo
counted-near = cerca del objetivo
counted-missed = fuera de objetivo
counted-none = sin valorar

count-met = { $count } en objetivo
count-near = { $count } cerca
count-missed = { $count } fuera de objetivo
count-none = { $count } sin valorar

unjudged-no-target = sin objetivo
unjudged-missing = sin dato
unjudged-target-missing = objetivo sin dato
unjudged-sample-missing = tamaño de la muestra desconocido
unjudged-open = periodo en curso
unjudged-sample = muestra pequeña: { $has } de { $needs }

late = datos atrasados

## Títulos

attention = Requiere atención
attention-more = Además: { $list }
banner-failed = { $count ->
    [one] Una fuente no ha respondido: véanse las notas.
    [many] { $count } de fuentes no han respondido: véanse las notas.
   *[other] { $count } fuentes no han respondido: véanse las notas.
}
banner-stale = { $count ->
    [one] Los datos de una fuente llegan con retraso: véanse las notas.
    [many] Los datos de { $count } de fuentes llegan con retraso: véanse las notas.
   *[other] Los datos de { $count } fuentes llegan con retraso: véanse las notas.
}
attention-none = Ninguno de los indicadores valorados ({ $judged } de { $all }) requiere atención.
notes = Notas
glossary = Definiciones
breakdown-by = Por { $dimension }

## Columnas

column-kpi = Indicador
column-value = Valor
column-target = Objetivo
column-verdict = Estado
column-trend = Evolución
column-segment = Segmento
column-sample = Muestra
column-previous = vs. { $cadence ->
    [day] día anterior
    [week] semana anterior
    [month] mes anterior
    [quarter] trimestre anterior
    [year] año anterior
   *[other] periodo anterior
}
column-year-ago = vs. hace un año

## Un indicador frente a su objetivo

target-is = objetivo { $target }
headline = { $name } { $value } (objetivo { $target })
distance = { $amount } { $side ->
    [above] por encima
   *[below] por debajo
}

## Cambios

change-previous = { $change } frente { $cadence ->
    [day] al día anterior
    [week] a la semana anterior
    [month] al mes anterior
    [quarter] al trimestre anterior
    [year] al año anterior
   *[other] al periodo anterior
}
change-year-ago = { $change } frente a hace un año

## Por qué ha cambiado

why = { $change }: { $parts }.
why-about = { $change }, aproximadamente: { $parts }.
why-driver = { $name } { $amount }
why-rest = resto { $amount }
why-segments = Por { $dimension }: { $parts }.
why-segment = { $name } { $amount }
why-segment-mix = { $name } { $amount } (mezcla { $mix })
why-segment-only-mix = { $name } { $mix } (mezcla)

## Rachas

nth-period = { $cadence ->
    [week] { $count }.ª semana
   *[other] { $count ->
        [1] { $count }.er
        [3] { $count }.er
        [13] { $count }.er
        [21] { $count }.er
        [23] { $count }.er
        [31] { $count }.er
        [33] { $count }.er
       *[other] { $count }.º
    } { $cadence ->
        [day] día
        [month] mes
        [quarter] trimestre
        [year] año
       *[other] periodo
    }
}
streak-missed = { $nth } { $cadence ->
    [week] seguida
   *[other] seguido
} fuera de objetivo
streak-near = { $nth } { $cadence ->
    [week] seguida
   *[other] seguido
} cerca del objetivo
streak-met = { $nth } { $cadence ->
    [week] seguida
   *[other] seguido
} en objetivo
streak-missed-long = fuera de objetivo desde hace al menos { $periods }
streak-near-long = cerca del objetivo desde hace al menos { $periods }
streak-met-long = en objetivo desde hace al menos { $periods }
back-met = vuelve a estar en objetivo
fell-from-met = en objetivo hasta { $cadence ->
    [day] el día anterior
    [week] la semana anterior
    [month] el mes anterior
    [quarter] el trimestre anterior
    [year] el año anterior
   *[other] el periodo anterior
}

## Desgloses

others = { $count ->
    [one] 1 más
   *[other] otros { $count }
}
total = Total
segment-empty = (sin valor)
sample-size = n = { $count }

## Pruebas A/B

contrast-better = { $better } mejora a { $worse } en { $difference } (intervalo del 95 %: de { $low } a { $high }).
contrast-higher = { $higher } es superior a { $lower } en { $difference } (intervalo del 95 %: de { $low } a { $high }).
contrast-noise = La diferencia entre { $pair } ({ $difference }) puede deberse al azar (intervalo del 95 %: de { $low } a { $high }).
contrast-none = Las muestras de { $pair } son demasiado pequeñas para compararlas.

## Notas

note-failed = { $count ->
    [one] Fuente no disponible
   *[other] Fuentes no disponibles
}
note-failed-line = { $count ->
    [one] No se ha podido leer: { $sources }. Sin dato: { $kpis }.
   *[other] No se han podido leer: { $sources }. Sin dato: { $kpis }.
}
note-failed-line-alone = { $count ->
    [one] No se ha podido leer: { $sources }.
   *[other] No se han podido leer: { $sources }.
}
note-stale = Datos atrasados
note-stale-line = { $source }: datos hasta el { $day }. Afecta a: { $kpis }.
note-stale-line-none = { $source }: aún sin datos. Afecta a: { $kpis }.
note-missing = Sin dato
note-missing-line = { $kpis }: { $reason }.
reason-no-row = no hay datos de { $what }
reason-null = falta el valor de { $what }
reason-division = no se puede dividir entre cero ({ $what })
reason-overflow = valor demasiado grande ({ $what })
reason-domain = el cálculo no está definido para estos valores ({ $what })
reason-not-finite = no es un número finito ({ $what })
reason-source = la fuente { $source } no ha respondido
note-small = Muestras pequeñas
note-small-line = { $kpi }: la muestra es de { $has }; hacen falta al menos { $needs } para valorar el indicador.
note-small-segments = { $count ->
    [one] { $kpi }: { $count } segmento tiene una muestra inferior a { $needs } y no se valora.
   *[other] { $kpi }: { $count } segmentos tienen una muestra inferior a { $needs } y no se valoran.
}
note-retargeted = Cambios de objetivo
note-retargeted-line = { $kpi }: objetivo { $to } desde el { $since }; antes, { $from }.
note-retargeted-line-why = { $kpi }: objetivo { $to } desde el { $since }; antes, { $from } ({ $why }).
note-retargeted-first = { $kpi }: objetivo { $to } desde el { $since }; antes no tenía.
note-retargeted-first-why = { $kpi }: objetivo { $to } desde el { $since }; antes no tenía ({ $why }).
note-restated = Valores corregidos
note-restated-line = { $kpi }, { $period }: se comunicó { $told }; con los datos actuales, { $now }.
note-running-line = Los valores llegan hasta el { $until } y se comparan con la misma parte de los periodos anteriores.

## Entradas de las fórmulas

input-of-source = { $measure } ({ $source })
input-previous = { $name } (periodo anterior)
input-year-ago = { $name } (hace un año)
input-total = { $name } (total)

## Fórmulas en palabras

formula-min = el menor de ({ $list })
formula-max = el mayor de ({ $list })
formula-abs = valor absoluto de ({ $value })
formula-round = redondeo de ({ $value })
formula-floor = redondeo a la baja de ({ $value })
formula-ceil = redondeo al alza de ({ $value })
formula-sqrt = raíz cuadrada de ({ $value })
formula-ln = logaritmo natural de ({ $value })
formula-exp = e elevado a ({ $value })
formula-if = { $then } si { $condition }; si no, { $else }
formula-coalesce = el primero disponible de ({ $list })
formula-and = { $a } y { $b }
formula-or = { $a } o { $b }
formula-not = no ({ $a })

## Ventanas más anchas

over-days = { $count ->
    [one] último día
    [many] últimos { $count } de días
   *[other] últimos { $count } días
}
over-weeks = { $count ->
    [one] última semana
    [many] últimos { $count } de semanas
   *[other] últimas { $count } semanas
}
over-months = { $count ->
    [one] último mes
    [many] últimos { $count } de meses
   *[other] últimos { $count } meses
}
over-month-to-date = acumulado del mes
over-quarter-to-date = acumulado del trimestre
over-year-to-date = acumulado del año

## Definiciones y pie

glossary-definition = Definición
glossary-formula = Fórmula
glossary-owner = Responsable
glossary-sources = Fuentes
good-up = cuanto más alto, mejor
good-down = cuanto más bajo, mejor
good-neutral = ni más alto ni más bajo es mejor
legend-points = pp: puntos porcentuales.
legend-mix = mezcla: parte de un cambio que se debe al mayor o menor peso de un segmento.
footer-scheduled = Programado para el { $moment }
footer-as-of = Datos a fecha de { $moment }
footer-catalog = Catálogo { $version }
footer-zone = Hora: { $zone }
footer-browser = Ver en el navegador
footer-ask = ¿Preguntas? Diríjase a { $contact }.
shortened = { $count ->
    [one] Resumido: { $shown } de { $count } fila.
   *[other] Resumido: { $shown } de { $count } filas.
}
shortened-link = Todas las filas están en la versión web.
shortened-attached = Todas las filas están en el archivo adjunto.
shortened-definitions = Aquí faltan las definiciones: véase el archivo adjunto.
shortened-definitions-text = Aquí faltan las definiciones: véase el texto sin formato de este correo.
shortened-text = Todo está en el texto sin formato de este correo.

## Asunto y vista previa

preheader = { $headline }, { $change } · { $counts }
preheader-no-change = { $headline } · { $counts }

## Imágenes en palabras

last-periods = { $cadence ->
    [day] { $count ->
        [one] { $count } día
       *[other] { $count } días
    }
    [week] { $count ->
        [one] { $count } semana
       *[other] { $count } semanas
    }
    [month] { $count ->
        [one] { $count } mes
       *[other] { $count } meses
    }
    [quarter] { $count ->
        [one] { $count } trimestre
       *[other] { $count } trimestres
    }
   *[year] { $count ->
        [one] { $count } año
       *[other] { $count } años
    }
}
chart = { $periods }: de { $first } a { $last }; mín. { $low }, máx. { $high }
chart-target = { $periods }: de { $first } a { $last }; mín. { $low }, máx. { $high }, objetivo { $target }
chart-none = { $periods }: sin datos

## Periodos

week-days = { $span ->
    [month] { $first-weekday } { $first-day } a { $last-weekday } { $last-date }
    [years] { $first-weekday } { $first-date } a { $last-weekday } { $last-date }
   *[year] { $first-weekday } { $first-month } a { $last-weekday } { $last-date }
}
period-day = { $weekday } { $date }
period-week = { $days } · semana { $number }
period-quarter = { $number ->
    [1] { $number }.er
    [3] { $number }.er
   *[other] { $number }.º
} trimestre de { $year }
period-quarter-short = T{ $number } { $year }
period-fiscal-year = ejercicio { $year } ({ $months })
period-fiscal-year-short = ejercicio { $year }
period-fiscal-quarter = { $number ->
    [1] { $number }.er
    [3] { $number }.er
   *[other] { $number }.º
} trimestre del ejercicio { $year } ({ $months })
period-fiscal-quarter-short = T{ $number } ejercicio { $year }
period-running = { $period }, hasta el { $until }
moment = { $day }, { $time }
weekday-day = { $weekday } { $day }

## Duraciones

duration-days = { $count } d
duration-hours = { $count } h
duration-minutes = { $count } min
duration-seconds = { $count } s

## Hojas de cálculo y archivos

sheet-definitions = Definiciones
sheet-data = Datos
sheet-notes = Notas
data-period = Periodo
data-from = Desde
data-until = Hasta
data-id = Id.
data-dimension = Dimensión
data-unit = Unidad
data-target-low = Objetivo, límite inferior
data-target-high = Objetivo, límite superior
data-good = Sentido favorable
unit-count = número entero
unit-number = número
unit-percent = porcentaje
unit-ratio = razón
unit-minutes = minutos
unit-hours = horas
unit-days = días
