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
banner-late = Este informe llega con { $duration } de retraso; su periodo es el previsto.
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
footer-late = con { $duration } de retraso
footer-skipped = { $count ->
    [one] Se ha omitido una edición programada antes de esta.
    [many] Se han omitido { $count } de ediciones programadas antes de esta.
   *[other] Se han omitido { $count } ediciones programadas antes de esta.
}
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

## Cartas al administrador

notice-reason = Motivo
notice-sources = Fuentes
notice-answer = Respuesta del servidor de correo
notice-problems = Errores
notice-nodes = Procesos
notice-next = Qué hace kpid por sí solo
notice-todo = Qué hacer
notice-newest = { $source }: datos hasta el { $day }
notice-newest-none = { $source }: aún sin datos
notice-written = Escrito el { $moment }
notice-to = kpid le escribe porque los ajustes le nombran como su administrador.

notice-failed = { $report } del { $slot } no se ha enviado
notice-failed-what = No se ha podido elaborar la edición de { $report } prevista para el { $slot }. Nadie la ha recibido.
notice-failed-next = No vuelve a intentar esta edición. La próxima llegará a su hora habitual.
notice-failed-do = Una vez resuelta la causa, haga que la edición se elabore de todos modos. Tratará del mismo periodo:

notice-gaps = { $report } del { $slot } se ha enviado sin parte de sus datos
notice-gaps-what = La edición de { $report } prevista para el { $slot } se ha enviado, pero no se han podido leer algunas fuentes. Sus lectores ven qué valores faltan.
notice-gaps-next = No vuelve a enviar esta edición. La próxima leerá de nuevo todas las fuentes.
notice-gaps-do = Compruebe si las bases de datos responden y, si merece la pena, envíe una nueva edición:

notice-skipped = { $count ->
    [one] { $report }: se omite una edición
    [many] { $report }: se omiten { $count } de ediciones
   *[other] { $report }: se omiten { $count } ediciones
}
notice-skipped-one = La edición prevista para el { $slot } no se elaboró a tiempo y ya no se recupera.
notice-skipped-what = Las { $count } ediciones previstas entre el { $from } y el { $to } no se elaboraron a tiempo y ya no se recuperan.
notice-skipped-next = La próxima edición dice en su pie que se han omitido otras. Las siguientes llegarán a su hora habitual.
notice-skipped-do = Nada, si nadie las necesita. Qué se recupera lo decide «missed» en el YAML del informe. Para tener una edición ahora:

notice-waits = { $report } espera datos más recientes
notice-waits-what = La edición de { $report } prevista para el { $slot } está retenida: los datos de una fuente son demasiado antiguos.
notice-waits-next = Mira de nuevo cada pocos minutos y envía la edición en cuanto lleguen los datos. Si no han llegado el { $until }, la edición saldrá con los que haya y lo dirá.
notice-waits-do = Averigüe por qué la fuente no recibe datos nuevos. kpid le dice en qué estado está la edición:

notice-waited = { $report } se ha enviado con datos atrasados
notice-waited-what = La edición de { $report } prevista para el { $slot } ha esperado datos más recientes, que no han llegado a tiempo. Ha salido con los que había, y lo dice.
notice-waited-next = No vuelve a enviar esta edición. La próxima mostrará de nuevo los valores.
notice-waited-do = Averigüe por qué la fuente no recibe datos nuevos. Cuando los tenga y si merece la pena, envíe una nueva edición:

notice-poisoned = { $report } ha detenido kpid tres veces
notice-poisoned-what = Cada vez que kpid ha elaborado la edición de { $report } prevista para el { $slot }, el programa ha terminado. La edición queda apartada. Nadie la ha recibido.
notice-poisoned-next = No vuelve a tocar esta edición. Los demás informes, y las siguientes ediciones de este, continúan.
notice-poisoned-do = Vea en el registro cómo terminó el programa; la causa habitual es la memoria. Después, haga que la edición se intente de nuevo:

notice-bounced = Se ha rechazado un correo para { $address }
notice-bounced-what = El servidor de correo rechaza definitivamente entregar { $report } del { $slot } a { $address }.
notice-bounced-next = No vuelve a intentar este correo. Los demás se envían, y también la próxima edición a esta dirección.
notice-bounced-do = Corrija o quite la dirección en el catálogo. Si el servidor ha cambiado de opinión, haga que el correo se envíe de nuevo:

notice-expired = No se ha podido enviar a tiempo un correo para { $address }
notice-expired-what = { $report } del { $slot } se ha intentado enviar una y otra vez a { $address }. Ya es demasiado antiguo y se abandona.
notice-expired-next = No vuelve a intentar este correo. La próxima edición se enviará a su hora habitual.
notice-expired-do = Si todavía hace falta, haga que el correo se envíe de nuevo:

notice-held = Quizá se haya entregado un correo para { $address }
notice-held-what = La conexión se cortó después de entregar al servidor de correo { $report } del { $slot } para { $address } y antes de que este lo confirmara. No se sabe si ha llegado.
notice-held-next = Retiene el correo hasta que usted decida, como piden los ajustes. Los demás correos continúan.
notice-held-do = Pregunte al lector o mire el registro del servidor de correo. Después, envíe el correo de nuevo o descártelo:

notice-relay = No sale ningún correo: el servidor rechaza a kpid
notice-relay-what = { $server } rechaza a kpid desde el { $since }. Todos los correos esperan; ninguno se pierde ni gasta un intento.
notice-relay-next = Lo intenta de nuevo cada 15 minutos. En cuanto el servidor acepte, saldrán todos los correos que esperan.
notice-relay-do = Compruebe el servidor, el usuario, la contraseña y el certificado en los ajustes. Esto los prueba todos sin enviar ningún correo:

notice-works = Los correos vuelven a salir
notice-works-what = { $server } vuelve a aceptar correo. Lo había rechazado del { $since } al { $until }.
notice-works-next = Envía todos los correos que esperaban. No hay nada que hacer.

notice-refused = El catálogo editado no se usa
notice-refused-what = { $count ->
    [one] Los archivos tienen un error.
    [many] Los archivos tienen { $count } de errores.
   *[other] Los archivos tienen { $count } errores.
} kpid continúa con el catálogo que leyó el { $since }.
notice-refused-next = Vuelve a leer los archivos después de cada edición y los usa en cuanto sean correctos.
notice-refused-do = Corrija los archivos. Esto muestra cada error con su línea:

notice-jumped = El reloj ha saltado: no se programa ningún informe
notice-jumped-what = El reloj ha pasado directamente del { $from } al { $to }. Para no enviar por error semanas de informes, kpid no programa ninguno hasta que alguien lo haya mirado.
notice-jumped-next = Envía lo que ya estaba en marcha y no programa nada nuevo.
notice-jumped-do = Compruebe si el reloj es correcto y, si no, póngalo en hora. Después, deje que kpid continúe:

notice-differ = Los procesos tienen catálogos distintos
notice-differ-what = Los procesos que comparten el almacén no coinciden en el catálogo desde el { $since }. Cuál de ellos elabora una edición depende del azar, y por tanto también sus cifras.
notice-differ-next = Cada uno continúa con su propio catálogo.
notice-differ-do = Ponga los mismos archivos en todos. En cada uno, esto muestra qué falla en los suyos:

notice-skew = El reloj de { $node } no es correcto
notice-skew-what = El reloj de { $node } está { $amount } { $side ->
    [ahead] adelantado
   *[behind] atrasado
} respecto al del almacén. Los informes empiezan a una hora equivocada.
notice-skew-next = Continúa hasta los 30 segundos. A partir de ahí, ese proceso no acepta trabajo y dice que no está listo.
notice-skew-do = Haga que la máquina ponga su reloj en hora por NTP:

notice-full = El disco del almacén está casi lleno
notice-full-what = Quedan { $free } MB donde está { $place }.
notice-full-next = Cuando no quede nada dejará de enviar, pues no puede salir ningún correo que no se haya podido anotar.
notice-full-do = Haga sitio en ese disco o conserve menos historial. Esto muestra cuánto queda:

## El sitio que explica el catálogo

site-title = Catálogo de KPI
site-kpis = KPI
site-sources = Fuentes
site-reports = Informes
site-lineage = De dónde salen los números
site-lineage-intro = De izquierda a derecha: consultas, KPI, informes. Un clic lleva a la página de cada uno; al señalarlo se ven sus líneas.
site-find = Buscar
site-about = Qué significa
site-unit = Unidad
site-good = Mejor si
site-where = Solo
site-where-is = { $dimension }: { $values }
site-window = Medido en
site-breakdown = También por
site-sample = Se juzga desde
site-sample-is = { $n } de { $of }
site-tags = Etiquetas
site-tests = Pruebas
site-defined = Escrito en
site-made-from = Se calcula con
site-used-by = Lo usan
site-target-none = ninguno
site-target-since = { $level } desde el { $day }
site-target-since-why = { $level } desde el { $day }: { $why }
site-target-by = { $level } para { $segment }
site-target-per = { $target } por { $cadence ->
    [day] día
    [week] semana
    [month] mes
    [quarter] trimestre
   *[year] año
}
site-near = cerca hasta un { $share }
site-database = Base de datos
site-query = Consulta
site-measures = Medidas
site-dimensions = Dimensiones
site-fresh = Datos al día
site-fresh-within = con un retraso máximo de { $duration }
site-schedule = Programación
site-schedule-none = a mano
site-period = Periodo
site-cadence = { $cadence ->
    [day] día
    [week] semana
    [month] mes
    [quarter] trimestre
   *[year] año
}
site-readers = Lectores
site-attached = Adjuntos
site-nobody = nadie
