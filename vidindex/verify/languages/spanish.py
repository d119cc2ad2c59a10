"""The words of Spanish that decide a meaning; as tokens, letters have no accents."""

from __future__ import annotations

from .word_table import make_table

_SMALL_NUMBERS = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciseis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidos",
    "veintitres",
    "veinticuatro",
    "veinticinco",
    "veintiseis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_HUNDREDS = [
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]
_ORDINALS = ["primer", "segund", "tercer", "cuart", "quint", "sext", "septim", "octav", "noven", "decim"]

TABLE = make_table(
    negations="no nunca jamas nada nadie ningun ninguno ninguna ningunos ningunas tampoco ni sin apenas",
    negating_prefixes="in im des ir",
    quantifiers={
        "all": "todo toda todos todas cada siempre completo completa completamente totalmente entero entera",
        "most": "mayoria mayormente generalmente normalmente habitualmente frecuentemente principalmente",
        "many": "muchos muchas mucho mucha varios varias numerosos numerosas",
        "some": "algunos algunas algun alguna alguno algo parcialmente ocasionalmente",
        "few": "pocos pocas poco poca raramente minoria",
        "only": "solo solamente unicamente exclusivamente",
        "almost": "casi practicamente",
        "about": "aproximadamente alrededor",
        "large": "significativo significativamente sustancial sustancialmente considerablemente enorme gran grande",
        "small": "ligero ligeramente leve levemente pequeno pequena minimo",
    },
    modals={
        "may": "podria podrian quizas quiza acaso posiblemente",
        "can": "puede pueden puedo podemos",
        "must": "debe deben debemos obligatorio obligado",
        "should": "deberia deberian deberiamos",
        "certain": "ciertamente seguramente definitivamente seguro",
        "likely": "probablemente probable",
        "unlikely": "improbable",
        "expect": "espero espera esperamos esperan",
        "think": "creo cree creemos creen pienso piensa pensamos",
        "know": "se sabe sabemos saben",
    },
    strong="all most few only almost may must should certain likely unlikely",
    up="mas mayor mayores aumentar aumenta aumento aumentado subir sube subio subido crecer crece crecio crecido "
    "crecimiento ganancia ganancias mejor mejores mejorar mejora mejorado fuerte fuertes arriba encima positivo "
    "positiva alto alta bueno buena",
    down="menos menor menores disminuir disminuye disminuyo disminuido bajar baja bajo bajado caer cae cayo caido "
    "caida perdida perdidas peor peores empeorar empeora empeorado debil debiles abajo debajo negativo negativa "
    "reducir reduce reducido reduccion malo mala",
    opposites={
        "antes previamente": "despues posteriormente",
        "primero primera primer": "ultimo ultima",
        "empezar comenzar inicio principio": "terminar acabar fin final",
        "comprar compra compro": "vender vende vendio venta",
        "abrir abierto abierta": "cerrar cerrado cerrada",
        "favor": "contra",
        "con": "sin",
        "dentro": "fuera",
        "izquierda": "derecha",
        "verdadero verdad": "falso mentira",
        "guerra": "paz",
        "siempre": "nunca jamas",
        "hombre hombres el": "mujer mujeres ella",
        "norte": "sur",
        "este": "oeste",
        "largo": "corto",
        "facil": "dificil",
        "importar importacion": "exportar exportacion",
        "aceptar acepta acepto": "rechazar rechaza rechazo",
    },
    units={
        "euro": "euro euros",
        "dolar": "dolar dolares",
        "peso": "peso pesos",
        "gramo": "gramo gramos",
        "kilo": "kilo kilos kilogramo kilogramos kg",
        "tonelada": "tonelada toneladas",
        "metro": "metro metros",
        "kilometro": "kilometro kilometros km",
        "segundo": "segundos",
        "minuto": "minuto minutos",
        "hora": "hora horas",
        "dia": "dia dias",
        "semana": "semana semanas",
        "mes": "mes meses",
        "ano": "ano anos",
    },
    numbers={name: value for value, name in enumerate(_SMALL_NUMBERS)}
    | {name: 10 * ten for ten, name in enumerate(_TENS, 3)}
    | {name: 100 * value for value, name in enumerate(_HUNDREDS, 2)}
    | {"un": 1, "una": 1, "veintiun": 21, "cien": 100, "ciento": 100},
    scales={"mil": 3, "millon": 6, "millones": 6},
    ordinals={f"{stem}{ending}": value for value, stem in enumerate(_ORDINALS, 1) for ending in ("o", "a", "os", "as")}
    | {
        "primer": 1,
        "tercer": 3,
        "medio": 5001,
        "media": 5001,
        "mitad": 5001,
        "doble": 5003,
        "triple": 5004,
        "tercio": 5009,
    },
    persons=["yo me mi mis", "nosotros nosotras nos nuestro nuestra nuestros nuestras", "ellos ellas", "tu te tus"],
    conjunctions=["y e", "o u", "pero", "porque", "si", "cuando", "aunque"],
    tenses={
        "past": "era eran fue fueron estaba estaban",
        "present": "es son esta estan",
        "future": "sera seran estara",
    },
    hedges="creo que,pienso que,espero que",
    bounds={
        "lower": "mas de,al menos,por lo menos",
        "upper": "hasta,como maximo,menos de,no mas de",
    },
    articled="un poco",
    limiters="pero excepto salvo si aunque mientras embargo menos hasta porque sino cuando solo no",
    function_words="el la los las un una unos unas y o u e pero de del a al en con por para que como es son era eran "
    "ser fue fueron esta estan estaba yo tu usted nosotros ellos ellas me te se nos le les lo su sus mi mis este esta "
    "esto ese esa eso aquel no si ya muy mas tambien ha han he hemos habia hay donde cuando quien cual entonces pues",
    fillers="eh este pues bueno o sea entonces digamos verdad claro y ya muy tambien realmente basicamente mira sabes "
    "como vale",
    forms={
        "ser": "ser es son era eran fue fueron sido soy somos sea sera",
        "estar": "estar esta estan estaba estaban estuvo estado estoy estamos",
        "haber": "haber ha han he hemos habia habian hay hubo",
        "tener": "tener tiene tienen tenia tuvo tenido tengo tenemos",
        "hacer": "hacer hace hacen hacia hizo hecho hago hacemos",
        "ir": "ir va van iba fue ido voy vamos",
        "decir": "decir dice dicen decia dijo dicho digo decimos",
        "ver": "ver ve ven veia vio visto veo vemos",
        "el": "el la los las lo",
        "un": "un una unos unas",
    },
    questions="quien que cuando donde como cual cuanto cuantos",
    filler_phrases="o sea,es decir,yo creo,sabes que",
    is_answer_apart=False,
)
